import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Exemplar } from '@signalbox/signals/model/metric';
import type { Batch, Processor } from '../../component.js';
import type { AnyDataPoint } from '../../ottl/evaluation-context.js';
import { mapList } from '../../ottl/walk/list.js';
import { processParts, type ProcessResult } from '../editing/dropped.js';
import { editData, type Edit } from '../editing/items.js';
import { editResource } from '../editing/resources.js';
import type { RedactionConfig } from './config.js';
import { Redactor } from './redactor.js';

/** Takes attributes out and masks what must not be stored: in resources, scopes, spans with their events and links, bodies of logs, data points with their exemplars. */
export class RedactionProcessor implements Processor {
  readonly #edit: Edit;

  constructor(config: RedactionConfig) {
    const redactor = new Redactor(config);
    const within = <T extends { readonly attributes: Attributes }>(item: T): T => {
      const attributes = redactor.attributes(item.attributes);
      return attributes === item.attributes ? item : { ...item, attributes };
    };
    const exemplars = (list: readonly Exemplar[]): readonly Exemplar[] =>
      mapList(list, (exemplar) => {
        const filteredAttributes = redactor.attributes(exemplar.filteredAttributes);
        return filteredAttributes === exemplar.filteredAttributes ? exemplar : { ...exemplar, filteredAttributes };
      });
    this.#edit = {
      resource: (resource) => editResource(resource, redactor.attributes),
      scope: within,
      span: (span) => {
        const events = mapList(span.events, within);
        const links = mapList(span.links, within);
        const left = within(span);
        return events === span.events && links === span.links ? left : { ...left, events, links };
      },
      log: (log) => {
        const body = redactor.value(log.body);
        const left = within(log);
        return body === log.body ? left : { ...left, body };
      },
      point: (point): AnyDataPoint => {
        const left = within(point);
        if (!('exemplars' in left) || left.exemplars.length === 0) return left;
        const list = exemplars(left.exemplars);
        return list === left.exemplars ? left : { ...left, exemplars: list };
      },
    };
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data) => editData(data, this.#edit));
  }
}
