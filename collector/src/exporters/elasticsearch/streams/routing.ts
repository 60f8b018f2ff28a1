import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Signal } from '@signalbox/signals/model/signal';
import { DEFAULT_TENANT } from '../../tenant.js';
import type { ElasticsearchConfig } from '../config.js';
import { Phrase } from '../json/phrase.js';
import { namespaceOf, OTEL_SUFFIX, sanitized, streamText } from './data-stream.js';

/** Where a document goes. */
export interface Target {
  readonly index: string;
  /** The document's `data_stream` as JSON; null where a setting or attribute names an index, which need not be one. */
  readonly dataStream: string | null;
  /** The same as a field behind others, in bytes. */
  readonly dataStreamField: Phrase;
  /** The beginning of the line that creates a document there: `{"create":{"_index":"…"`. */
  readonly action: Phrase;
  /** Its fields. */
  readonly name: { readonly type: Signal; readonly dataset: string; readonly namespace: string } | null;
}

/** What resource and scope say, for all of their items. */
interface Context {
  readonly resource: Resource | null;
  readonly scope: Scope | null;
  readonly named: Named;
  /** Of items that say nothing themselves. */
  readonly targets: Partial<Record<Signal, Target>>;
}

interface Named {
  index: string;
  dataset: string;
  namespace: string;
}

const DATASET = 'data_stream.dataset';
const NAMESPACE = 'data_stream.namespace';
const INDEX = 'elasticsearch.index';
/** A receiver of the Collector names itself in the scope: its data has a dataset of its own. */
const RECEIVER = /\/receiver\/(\w*receiver)/;
const INDEX_NAME = /^[a-z0-9.][^A-Z\\/*?"<>| ,#:]{0,199}$/;

const SMALL_D = 0x64;
const SMALL_E = 0x65;

/** Attributes that only say where a document goes, and are not part of it. */
export function isRouting(key: string): boolean {
  const first = key.charCodeAt(0);
  if (first !== SMALL_D && first !== SMALL_E) return false;
  return (key.startsWith('data_stream.') && (key === DATASET || key === NAMESPACE || key === 'data_stream.type')) || key === INDEX;
}

/**
 * The data stream of each item, as the Collector's exporter finds it: an index that a setting names; one that the attribute
 * elasticsearch.index names; else `type-dataset-namespace` with the attributes data_stream.dataset and data_stream.namespace, the
 * item's before the scope's before the resource's. A tenant's namespace is the tenant: its data names none of its own, except
 * where there are no tenants.
 */
export class Router {
  private readonly fixed: Readonly<Record<Signal, string | undefined>>;
  private readonly targets = new Map<string, Target>();
  private readonly namespace: string;
  private readonly mayName: boolean;
  private readonly suffix: string;
  private context: Context | null = null;

  constructor(private readonly config: ElasticsearchConfig, tenant: string) {
    this.fixed = { traces: config.traces_index, logs: config.logs_index, metrics: config.metrics_index };
    this.namespace = namespaceOf(tenant);
    this.mayName = tenant === DEFAULT_TENANT;
    this.suffix = config.mapping.mode === 'otel' ? OTEL_SUFFIX : '';
  }

  target(type: Signal, resource: Resource | null, scope: Scope | null, attributes: Attributes): Target {
    const fixed = this.fixed[type];
    if (fixed !== undefined) return this.known(type, fixed, '', '');
    let { context } = this;
    if (context === null || context.resource !== resource || context.scope !== scope) this.context = context = { resource, scope, named: this.namedBy(resource, scope), targets: {} };
    if (!names(attributes)) return (context.targets[type] ??= this.known(type, context.named.index, context.named.dataset, context.named.namespace));
    const named = { ...context.named };
    read(attributes, named);
    return this.known(type, named.index, named.dataset, named.namespace);
  }

  private namedBy(resource: Resource | null, scope: Scope | null): Named {
    const named: Named = { index: '', dataset: '', namespace: '' };
    if (resource !== null) read(resource.attributes, named);
    if (scope !== null) {
      read(scope.attributes, named);
      if (named.dataset === '') named.dataset = RECEIVER.exec(scope.name)?.[1] ?? '';
    }
    return named;
  }

  private known(type: Signal, index: string, dataset: string, namespace: string): Target {
    const key = `${type}\0${index}\0${dataset}\0${namespace}`;
    let target = this.targets.get(key);
    if (target === undefined) {
      target = INDEX_NAME.test(index) ? { index, dataStream: null, dataStreamField: new Phrase(NOTHING), action: actionOf(index), name: null } : this.stream(type, dataset, namespace);
      this.targets.set(key, target);
    }
    return target;
  }

  private stream(type: Signal, dataset: string, namespace: string): Target {
    const ownDataset = sanitized(dataset, 'dataset').slice(0, 100 - this.suffix.length);
    const ownNamespace = this.mayName ? sanitized(namespace, 'namespace') : '';
    const withSuffix = ownDataset.endsWith(OTEL_SUFFIX) && this.suffix !== '' ? ownDataset : `${ownDataset || this.config.dataset}${this.suffix}`;
    const name = { type, dataset: withSuffix, namespace: ownNamespace || this.namespace };
    const index = streamText(name);
    const dataStream = JSON.stringify(name);
    return { index, dataStream, dataStreamField: Phrase.of(`,"data_stream":${dataStream}`), action: actionOf(index), name };
  }
}

const NOTHING = new Uint8Array();

function actionOf(index: string): Phrase {
  return Phrase.of(`{"create":{"_index":${JSON.stringify(index)}`);
}

function names(attributes: Attributes): boolean {
  for (let i = 0; i < attributes.length; i++) if (isRouting(attributes[i].key)) return true;
  return false;
}

function read(attributes: Attributes, named: Named): void {
  for (const { key, value } of attributes) {
    if (typeof value !== 'string' || value === '') continue;
    if (key === DATASET) named.dataset = value;
    else if (key === NAMESPACE) named.namespace = value;
    else if (key === INDEX) named.index = value;
  }
}
