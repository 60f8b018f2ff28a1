import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Batch, Processor } from '../../component.js';
import { compileActions, type AttributesEdit } from '../editing/actions.js';
import { processParts, type ProcessResult } from '../editing/dropped.js';
import { editData, type Edit, type Surroundings } from '../editing/items.js';
import { compileMatch, type Matcher } from '../editing/match.js';
import type { AttributesConfig } from './config.js';

/** Changes the attributes of spans, log records and data points. */
export class AttributesProcessor implements Processor {
  readonly #edit: Edit;
  readonly #include: Matcher | null;
  readonly #exclude: Matcher | null;

  constructor(config: AttributesConfig) {
    const actions = compileActions(config.actions);
    this.#include = config.include ? compileMatch(config.include) : null;
    this.#exclude = config.exclude ? compileMatch(config.exclude) : null;
    const chosen = this.#include !== null || this.#exclude !== null;
    this.#edit = {
      span: (span, around) => (chosen && !this.#chosen(around, span.attributes, (matcher) => matcher.span(span)) ? span : withAttributes(span, actions)),
      log: (log, around) => (chosen && !this.#chosen(around, log.attributes, (matcher) => matcher.log(log)) ? log : withAttributes(log, actions)),
      point: (point, metric, around) => (chosen && !this.#chosen(around, point.attributes, (matcher) => matcher.metric(metric)) ? point : withAttributes(point, actions)),
    };
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data) => editData(data, this.#edit));
  }

  #chosen(around: Surroundings, attributes: Attributes, matches: (matcher: Matcher) => boolean): boolean {
    const fits = (matcher: Matcher): boolean => matches(matcher) && matcher.around(around) && matcher.attributes(attributes);
    if (this.#include && !fits(this.#include)) return false;
    return !this.#exclude || !fits(this.#exclude);
  }
}

function withAttributes<T extends { readonly attributes: Attributes }>(item: T, edit: AttributesEdit): T {
  const attributes = edit(item.attributes);
  return attributes === item.attributes ? item : { ...item, attributes };
}
