import { deserialize, serialize } from 'node:v8';
import { attribute } from '@signalbox/signals/model/attribute-text';
import type { Attributes } from '@signalbox/signals/model/attributes';
import { serviceName } from '@signalbox/signals/model/service';
import type { Span } from '@signalbox/signals/model/span';
import type { Batch, ComponentContext, ComponentState, Connector, Derived } from '../../component.js';
import { dimensionText, dimensionValue } from '../aggregation/dimension.js';
import { FlushInterval } from '../aggregation/flush-interval.js';
import type { ServiceGraphConfig } from './config.js';
import { EdgeStore, type Edge } from './edge-store.js';
import { EdgeTables, type SavedEdgeTables } from './edge-tables.js';

const VERSION = 1;
const NS_PER_MS = 1_000_000n;
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const ERROR = 2;
const MESSAGING = 'messaging_system';
const DATABASE = 'database';
const VIRTUAL = 'virtual_node';
const USER = 'user';
const UNKNOWN = 'unknown';

interface Saved {
  readonly lastNs: bigint;
  readonly clockNs: bigint;
  readonly fingerprint: string;
  readonly edges: readonly Edge[];
  readonly tenants: readonly { readonly tenant: string; readonly tables: SavedEdgeTables }[];
}

/** Who asks whom, how often, how long it takes and how often it fails: pairs the spans of a request's two sides. */
export class ServiceGraph implements Connector, ComponentState {
  readonly state: ComponentState = this;
  readonly #config: ServiceGraphConfig;
  readonly #context: ComponentContext;
  readonly #interval: FlushInterval;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #ttlNs: bigint;
  readonly #expirationNs: bigint;
  #store: EdgeStore;
  #tenants = new Map<string, EdgeTables>();
  /** The journal's own time, by which edges expire: while it lags, both sides of a request lag. */
  #clockNs = 0n;
  #idle = true;

  constructor(config: ServiceGraphConfig, context: ComponentContext) {
    this.#config = config;
    this.#context = context;
    this.#labels = { connector: context.id };
    this.#interval = new FlushInterval(BigInt(Math.round(config.metrics_flush_interval)) * NS_PER_MS);
    this.#ttlNs = BigInt(Math.round(config.store.ttl * 1e6));
    this.#expirationNs = BigInt(Math.round(config.metrics_expiration)) * NS_PER_MS;
    this.#store = new EdgeStore(config.store.max_items);
  }

  consume({ tenant, parts }: Batch): void {
    this.#idle = false;
    for (const { data, receivedNs } of parts) {
      if (data.signal !== 'traces') continue;
      this.#advance(receivedNs);
      for (const { resource, scopeSpans } of data.traces.resourceSpans) {
        const service = dimensionText(serviceName(resource), this.#config.max_dimension_length);
        const attributes = resource?.attributes ?? [];
        for (const { spans } of scopeSpans) for (let i = 0; i < spans.length; i++) this.#span(tenant, service, attributes, spans[i]);
      }
    }
  }

  flush(nowNs: bigint): readonly Derived[] {
    // Nothing came since the last time: what waits, waits in vain.
    if (this.#idle) this.#advance(nowNs);
    this.#idle = true;
    if (!this.#interval.isDue(nowNs)) return [];
    const derived: Derived[] = [];
    let edges = 0;
    for (const [tenant, tables] of this.#tenants) {
      if (this.#expirationNs > 0n) tables.expire(nowNs - this.#expirationNs);
      if (tables.isEmpty) this.#tenants.delete(tenant);
      else derived.push(...tables.emit(tenant, nowNs));
      edges += tables.size;
    }
    if (derived.length > 0) this.#interval.lastNs = nowNs;
    this.#context.metrics.gauge('signalbox_servicegraph_edges', this.#labels, edges);
    this.#context.metrics.gauge('signalbox_servicegraph_waiting_spans', this.#labels, this.#store.size);
    return derived;
  }

  snapshot(): Uint8Array {
    const saved: Saved = {
      lastNs: this.#interval.lastNs,
      clockNs: this.#clockNs,
      fingerprint: EdgeTables.fingerprint(this.#config),
      edges: this.#store.save(),
      tenants: [...this.#tenants].map(([tenant, tables]) => ({ tenant, tables: tables.save() })),
    };
    return Buffer.concat([Uint8Array.of(VERSION), serialize(saved)]);
  }

  restore(snapshot: Uint8Array): void {
    if (snapshot[0] !== VERSION) throw new Error(`the snapshot has version ${snapshot[0] ?? 'none'}, known is ${VERSION}`);
    const saved: unknown = deserialize(Buffer.from(snapshot.subarray(1)));
    if (!isSaved(saved)) throw new Error('the snapshot holds something else than a service graph');
    if (saved.fingerprint !== EdgeTables.fingerprint(this.#config)) {
      this.#context.logger.info('the settings of the service graph have changed: it begins anew', { connector: this.#context.id });
      return;
    }
    const tenants = new Map<string, EdgeTables>();
    for (const { tenant, tables } of saved.tenants) {
      const restored = new EdgeTables(this.#config);
      restored.load(tables);
      tenants.set(tenant, restored);
    }
    this.#tenants = tenants;
    this.#store = new EdgeStore(this.#config.store.max_items);
    this.#store.load(saved.edges);
    this.#interval.lastNs = saved.lastNs;
    this.#clockNs = saved.clockNs;
  }

  async shutdown(): Promise<void> {}

  #span(tenant: string, service: string, resource: Attributes, span: Span): void {
    switch (span.kind) {
      case CLIENT:
      case PRODUCER:
        this.#clientSide(tenant, service, resource, span);
        return;
      case SERVER:
      case CONSUMER:
        this.#serverSide(tenant, service, resource, span);
        return;
    }
  }

  #clientSide(tenant: string, service: string, resource: Attributes, span: Span): void {
    const known = this.#store.get(tenant, span.traceId, span.spanId);
    const edge = known ?? this.#edge(tenant, span.traceId, span.spanId);
    edge.client = service;
    edge.clientSeconds = seconds(span);
    edge.failed ||= span.status.code === ERROR;
    if (span.kind === PRODUCER) edge.connection = MESSAGING;
    this.#dimensions(edge.clientDimensions, resource, span);
    if (edge.server === '') {
      edge.peer = this.#named(this.#config.virtual_node_peer_attributes, span.attributes, []);
      const database = this.#named(this.#config.database_name_attributes, span.attributes, resource);
      if (database !== '') {
        // A database sends no span of its own.
        edge.connection = DATABASE;
        edge.server = database;
        edge.serverSeconds = edge.clientSeconds;
      }
    }
    this.#settle(edge, known !== undefined);
  }

  #serverSide(tenant: string, service: string, resource: Attributes, span: Span): void {
    const isRoot = span.parentSpanId === '';
    const known = isRoot ? undefined : this.#store.get(tenant, span.traceId, span.parentSpanId);
    const edge = known ?? this.#edge(tenant, span.traceId, span.parentSpanId);
    edge.server = service;
    edge.serverSeconds = seconds(span);
    edge.failed ||= span.status.code === ERROR;
    if (span.kind === CONSUMER) edge.connection = MESSAGING;
    this.#dimensions(edge.serverDimensions, resource, span);
    // Nobody it could be paired with: it need not wait.
    if (isRoot) this.#expired(edge);
    else this.#settle(edge, known !== undefined);
  }

  #edge(tenant: string, traceId: string, spanId: string): Edge {
    return { tenant, traceId, spanId, client: '', server: '', connection: '', clientSeconds: 0, serverSeconds: 0, failed: false, peer: '', clientDimensions: [], serverDimensions: [], expiresNs: this.#clockNs + this.#ttlNs };
  }

  #settle(edge: Edge, waits: boolean): void {
    if (edge.client !== '' && edge.server !== '') {
      if (waits) this.#store.remove(edge);
      this.#complete(edge, '');
    } else if (!waits && !this.#store.add(edge)) {
      this.#tablesOf(edge.tenant).single(edge, 'dropped', this.#clockNs);
      this.#context.metrics.count('otelcol_connector_servicegraph_dropped_spans', this.#labels, 1);
    }
  }

  #complete(edge: Edge, virtual: '' | 'client' | 'server'): void {
    this.#tablesOf(edge.tenant).complete(edge, virtual, this.#clockNs);
    this.#context.metrics.count('otelcol_connector_servicegraph_total_edges', this.#labels, 1);
  }

  /** Its other side does not come: its time is that of the side that is known. */
  readonly #expired = (edge: Edge): void => {
    const virtualNodes = this.#config.virtual_node_peer_attributes.length > 0;
    if (virtualNodes && edge.client === '' && edge.spanId === '') {
      edge.client = USER;
      edge.clientSeconds = edge.serverSeconds;
      edge.connection = VIRTUAL;
      this.#complete(edge, 'client');
      return;
    }
    if (virtualNodes && edge.client !== '') {
      edge.server = edge.peer === '' ? UNKNOWN : edge.peer;
      edge.serverSeconds = edge.clientSeconds;
      edge.connection = VIRTUAL;
      this.#complete(edge, 'server');
      return;
    }
    this.#tablesOf(edge.tenant).single(edge, 'unpaired', this.#clockNs);
    this.#context.metrics.count('otelcol_connector_servicegraph_expired_edges', this.#labels, 1);
  };

  #advance(toNs: bigint): void {
    if (toNs > this.#clockNs) this.#clockNs = toNs;
    this.#store.expire(this.#clockNs, this.#expired);
  }

  #dimensions(values: (string | undefined)[], resource: Attributes, span: Span): void {
    const { dimensions, max_dimension_length: maxLength } = this.#config;
    for (let i = 0; i < dimensions.length; i++) {
      const value = dimensionValue(dimensions[i], resource, span.attributes);
      values[i] = value === undefined ? undefined : dimensionText(value, maxLength);
    }
  }

  /** What the first of these attributes that is there says; '' for none. */
  #named(names: readonly string[], first: Attributes, second: Attributes): string {
    for (let i = 0; i < names.length; i++) {
      const value = attribute(first, names[i]) ?? attribute(second, names[i]);
      if (value === undefined || value === null) continue;
      const text = dimensionText(value, this.#config.max_dimension_length);
      if (text !== '') return text;
    }
    return '';
  }

  #tablesOf(tenant: string): EdgeTables {
    let tables = this.#tenants.get(tenant);
    if (tables === undefined) this.#tenants.set(tenant, (tables = new EdgeTables(this.#config)));
    return tables;
  }
}

function seconds({ startNs, endNs }: Span): number {
  return endNs > startNs ? Number(endNs - startNs) / 1e9 : 0;
}

function isSaved(saved: unknown): saved is Saved {
  return typeof saved === 'object' && saved !== null && 'lastNs' in saved && typeof saved.lastNs === 'bigint' && 'clockNs' in saved && typeof saved.clockNs === 'bigint' && 'edges' in saved && Array.isArray(saved.edges) && 'tenants' in saved && Array.isArray(saved.tenants);
}
