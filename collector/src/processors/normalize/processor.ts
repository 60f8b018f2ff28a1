import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Batch, Processor } from '../../component.js';
import { mapList } from '../../ottl/walk/list.js';
import { processParts, type ProcessResult } from '../editing/dropped.js';
import { editData, type Edit } from '../editing/items.js';
import { editResource } from '../editing/resources.js';
import type { NormalizeConfig } from './config.js';
import { AttributeNames } from './rename-attributes.js';
import { CURRENT, CURRENT_SCHEMA_URL, METRIC_RENAMES } from './renames.js';
import { parseVersion, schemaVersion } from './schema-version.js';

const CLIENT = 3;
const PRODUCER = 4;

/** Gives attributes and metrics the names that the semantic conventions have today. */
export class NormalizeProcessor implements Processor {
  readonly #edit: Edit;

  constructor(config: NormalizeConfig) {
    const names = new AttributeNames(config.keep_original);
    const metrics = new Map(METRIC_RENAMES.map(({ from, to, since }) => [from, { to, since: parseVersion(since) }]));
    const rename = <T extends { readonly attributes: Attributes }>(item: T, side: 'client' | 'server', version: number | null): T => {
      const attributes = names.rename(item.attributes, side, version);
      return attributes === item.attributes ? item : { ...item, attributes };
    };
    const current = parseVersion(CURRENT);
    const urls = new Map<string, number | null>();
    // Few schema URLs are in use, but senders choose them: the memory of them is bounded.
    const versionOf = (url: string): number | null => {
      let version = urls.get(url);
      if (version === undefined) {
        version = schemaVersion(url);
        if (urls.size >= 64) urls.clear();
        urls.set(url, version);
      }
      return version;
    };
    const ofAttributes: Edit = {
      resource: (resource, schemaUrl) => editResource(resource, (attributes) => names.rename(attributes, 'server', versionOf(schemaUrl))),
      scope: (scope) => rename(scope, 'server', null),
      span: (span, { schemaUrl }) => {
        const version = versionOf(schemaUrl);
        const side = span.kind === CLIENT || span.kind === PRODUCER ? 'client' : 'server';
        const events = mapList(span.events, (event) => rename(event, side, version));
        const left = rename(span, side, version);
        return events === span.events ? left : { ...left, events };
      },
      log: (log, { schemaUrl }) => rename(log, 'server', versionOf(schemaUrl)),
      point: (point, metric, { schemaUrl }) => rename(point, /\.client\./.test(metric.name) ? 'client' : 'server', versionOf(schemaUrl)),
    };
    const ofMetrics: Edit = {
      metric: (metric, { schemaUrl }) => {
        const renamed = metrics.get(metric.name);
        const version = versionOf(schemaUrl);
        return renamed && (version === null || version < renamed.since) ? { ...metric, name: renamed.to } : metric;
      },
    };
    this.#edit = {
      ...(config.attributes && ofAttributes),
      ...(config.metrics && ofMetrics),
      // What has been brought up to date says so; where no schema was named, none is claimed.
      ...(config.attributes && config.metrics && !config.keep_original && { schemaUrl: (url: string) => ((versionOf(url) ?? current) < current ? CURRENT_SCHEMA_URL : url) }),
    };
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data) => editData(data, this.#edit));
  }
}
