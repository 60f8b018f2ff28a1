import type { Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import type { Scope } from '@signalbox/signals/model/resource';
import type { Derived } from '../../component.js';
import { createHistogram, histogramBytes, loadHistogram, type Histogram, type HistogramKind, type SavedHistogram } from '../aggregation/histogram.js';
import { MetricsFrames, type MetricShape } from '../aggregation/metrics-frames.js';
import { SeriesTable, type SavedGroup, type Series, type SeriesGroup } from '../aggregation/series-table.js';
import { histogramKind, type ServiceGraphConfig } from './config.js';
import type { Edge } from './edge-store.js';

const SCOPE: Scope = { name: 'traces_service_graph', version: '', attributes: [], droppedAttributesCount: 0 };
const NUMBER_BYTES = 8;
const sum = (name: string, description: string): MetricShape => ({ name, description, unit: '', type: 'sum', temporality: 'cumulative' });
const TOTAL = sum('traces_service_graph_request_total', 'Requests between two services');
const FAILED = sum('traces_service_graph_request_failed_total', 'Requests between two services that failed');
const UNPAIRED = sum('traces_service_graph_unpaired_spans_total', 'Spans whose other side did not come in time');
const DROPPED = sum('traces_service_graph_dropped_spans_total', 'Spans for which there was no room to wait');

interface Requests {
  count: number;
  failed: number;
  client: Histogram;
  server: Histogram;
}

interface SavedRequests {
  readonly count: number;
  readonly failed: number;
  readonly client: SavedHistogram;
  readonly server: SavedHistogram;
}

interface Spans {
  unpaired: number;
  dropped: number;
}

export interface SavedEdgeTables {
  readonly requests: readonly SavedGroup[];
  readonly spans: readonly SavedGroup[];
}

/** One tenant's edges: what was requested, and the spans without another side. */
export class EdgeTables {
  readonly #config: ServiceGraphConfig;
  readonly #kind: HistogramKind;
  readonly #requests: SeriesTable<Requests>;
  readonly #spans: SeriesTable<Spans>;
  readonly #path: (string | undefined)[];

  constructor(config: ServiceGraphConfig) {
    this.#config = config;
    const kind = histogramKind(config);
    this.#kind = kind;
    const limits = { limit: config.aggregation_cardinality_limit, maxGroups: 1 };
    this.#requests = new SeriesTable<Requests>({
      ...limits,
      create: () => ({ count: 0, failed: 0, client: createHistogram(kind), server: createHistogram(kind) }),
      save: ({ count, failed, client, server }): SavedRequests => ({ count, failed, client: client.save(), server: server.save() }),
      load: (saved) => {
        const { count, failed, client, server } = saved as SavedRequests;
        return { count, failed, client: loadHistogram(kind, client), server: loadHistogram(kind, server) };
      },
    });
    this.#spans = new SeriesTable<Spans>({ ...limits, create: () => ({ unpaired: 0, dropped: 0 }), save: (spans) => spans, load: (saved) => saved as Spans });
    this.#path = new Array<string | undefined>(5 + 2 * config.dimensions.length);
  }

  /** Whatever, if it changes, makes what was summed up before of no use. */
  static fingerprint(config: ServiceGraphConfig): string {
    return JSON.stringify([config.dimensions, config.virtual_node_extra_label, histogramKind(config)]);
  }

  get isEmpty(): boolean {
    return this.#requests.isEmpty && this.#spans.isEmpty;
  }

  get size(): number {
    return this.#requests.size;
  }

  /** A request of which all is known that ever will. `virtual`: the side that has sent no span. */
  complete(edge: Edge, virtual: '' | 'client' | 'server', seenNs: bigint): void {
    const { clientDimensions, serverDimensions } = edge;
    const path = this.#path;
    path[0] = edge.client;
    path[1] = edge.server;
    path[2] = edge.connection;
    path[3] = edge.failed ? 'true' : 'false';
    path[4] = this.#config.virtual_node_extra_label ? virtual : undefined;
    const count = this.#config.dimensions.length;
    for (let i = 0; i < count; i++) {
      path[5 + i] = clientDimensions[i];
      path[5 + count + i] = serverDimensions[i];
    }
    const { value } = this.#requests.series(groupOf(this.#requests, seenNs), path, () => this.#attributes(edge, virtual), seenNs);
    value.count++;
    if (edge.failed) value.failed++;
    value.client.observe(edge.clientSeconds);
    value.server.observe(edge.serverSeconds);
  }

  /** A span whose other side is not known. */
  single({ client, server, connection }: Pick<Edge, 'client' | 'server' | 'connection'>, what: keyof Spans, seenNs: bigint): void {
    const attributes = (): Attributes => [{ key: 'client', value: client }, { key: 'server', value: server }, { key: 'connection_type', value: connection }];
    this.#spans.series(groupOf(this.#spans, seenNs), [client, server, connection], attributes, seenNs).value[what]++;
  }

  expire(beforeNs: bigint): void {
    this.#requests.expire(beforeNs);
    this.#spans.expire(beforeNs);
  }

  emit(tenant: string, nowNs: bigint): readonly Derived[] {
    const frames = new MetricsFrames(tenant, SCOPE);
    const type = this.#kind.kind === 'explicit' ? ('histogram' as const) : ('exponentialHistogram' as const);
    const seconds = (side: 'client' | 'server'): MetricShape => ({ name: `traces_service_graph_request_${side}`, description: `Time of a request as the ${side} sees it`, unit: 's', type, temporality: 'cumulative' });
    const [client, server] = [seconds('client'), seconds('server')];
    const bytes = histogramBytes(this.#kind);
    const point = <V>({ attributes, startNs }: Series<V>) => ({ attributes, startNs: startNs < nowNs ? startNs : nowNs, timeNs: nowNs, flags: 0, exemplars: [] });
    for (const series of seriesOf(this.#requests)) {
      const { value } = series;
      frames.add(null, TOTAL, { ...point(series), value: BigInt(value.count) }, NUMBER_BYTES);
      if (value.failed > 0) frames.add(null, FAILED, { ...point(series), value: BigInt(value.failed) }, NUMBER_BYTES);
      frames.add(null, client, { ...point(series), ...value.client.values() }, bytes);
      frames.add(null, server, { ...point(series), ...value.server.values() }, bytes);
    }
    for (const series of seriesOf(this.#spans)) {
      const { unpaired, dropped } = series.value;
      if (unpaired > 0) frames.add(null, UNPAIRED, { ...point(series), value: BigInt(unpaired) }, NUMBER_BYTES);
      if (dropped > 0) frames.add(null, DROPPED, { ...point(series), value: BigInt(dropped) }, NUMBER_BYTES);
    }
    return frames.take();
  }

  save(): SavedEdgeTables {
    return { requests: this.#requests.save(), spans: this.#spans.save() };
  }

  load({ requests, spans }: SavedEdgeTables): void {
    this.#requests.load(requests);
    this.#spans.load(spans);
  }

  #attributes(edge: Edge, virtual: string): Attributes {
    const attributes: KeyValue[] = [
      { key: 'client', value: edge.client },
      { key: 'server', value: edge.server },
      { key: 'connection_type', value: edge.connection },
      { key: 'failed', value: edge.failed },
    ];
    if (this.#config.virtual_node_extra_label) attributes.push({ key: 'virtual_node', value: virtual });
    for (const [side, values] of [['client', edge.clientDimensions], ['server', edge.serverDimensions]] as const) {
      this.#config.dimensions.forEach((name, i) => {
        const value = values[i];
        if (value !== undefined) attributes.push({ key: `${side}_${name}`, value });
      });
    }
    return attributes;
  }
}

/** Edges have no resource: there is one group. */
function groupOf<V>(table: SeriesTable<V>, seenNs: bigint): SeriesGroup<V> {
  return table.group('', () => null, seenNs);
}

function* seriesOf<V>(table: SeriesTable<V>): Generator<Series<V>> {
  for (const { series, overflow } of table.groups()) {
    yield* series;
    if (overflow !== null) yield overflow;
  }
}
