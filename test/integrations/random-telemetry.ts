import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Exemplar, Metric, MetricsData, MetricValues } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span, TracesData } from '@signalbox/signals/model/span';

/** How many were made without a seed of their own, so that each has another. */
let made = 0;

/** What `SIGNALBOX_TEST_SEED` names, so that a run can be repeated; without it every run is another one. */
function nextSeed(): number {
  const first = Number(process.env['SIGNALBOX_TEST_SEED'] ?? NaN);
  return Number.isInteger(first) ? first + made++ : Math.floor(Math.random() * 2 ** 31);
}

/** Random telemetry of all kinds, the same for the same seed. */
export class RandomTelemetry {
  private state: number;
  /** Names what this run wrote, on servers that others may use as well. */
  readonly run: string;

  constructor(readonly seed: number = nextSeed()) {
    this.state = seed;
    this.run = `run-${this.hex(6)}`;
  }

  /** From 0 (inclusive) to 1 (exclusive); mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)] as T;
  }

  hex(bytes: number): string {
    let text = '';
    for (let i = 0; i < bytes; i++) text += this.int(256).toString(16).padStart(2, '0');
    return text;
  }

  attributes(prefix: string, count = 1 + this.int(5)): Attributes {
    return Array.from({ length: count }, (_, i) => ({ key: `${prefix}.${this.pick(['http', 'db', 'größe', 'a-b', 'X'])}.${i}`, value: this.value(2) }));
  }

  value(depth: number): AnyValue {
    const scalars: (() => AnyValue)[] = [
      () => this.pick(['GET', 'ünïcode 日本 😀', 'quote " and \\ and \n newline', 'true', '12']),
      () => BigInt(this.int(2 ** 31)) * BigInt(this.int(2 ** 31)),
      () => -BigInt(this.int(1000)),
      () => this.next() * 10 ** (this.int(20) - 10),
      () => this.next() < 0.5,
      () => Uint8Array.from({ length: 5 }, () => this.int(256)),
    ];
    const nested: (() => AnyValue)[] = [
      () => [this.value(depth - 1), this.value(depth - 1)],
      () => new KeyValueList([{ key: 'in.side', value: this.value(depth - 1) }, { key: 'n', value: 1n }]),
    ];
    return this.pick(depth > 0 ? [...scalars, ...nested] : scalars)();
  }

  resource(service: string): Resource {
    return {
      attributes: [
        { key: 'service.name', value: service },
        { key: 'service.namespace', value: this.run },
        { key: 'service.instance.id', value: `${service}-1` },
        { key: 'deployment.environment.name', value: 'test' },
        { key: 'host.name', value: this.pick(['h1', 'h2']) },
        { key: 'process.pid', value: BigInt(this.int(30_000)) },
      ],
      droppedAttributesCount: 0,
    };
  }

  scope(): Scope {
    return { name: this.pick(['@scope/http', 'winston', '']), version: '1.2.3', attributes: this.attributes('scope', 1), droppedAttributesCount: 0 };
  }

  logs(count: number, startNs: bigint, stepNs = 1_000_001n): LogsData {
    const records = Array.from({ length: count }, (_, i) => this.logRecord(startNs + BigInt(i) * stepNs, i));
    const half = Math.ceil(count / 2);
    return {
      resourceLogs: [records.slice(0, half), records.slice(half)].filter((some) => some.length > 0).map((logRecords, i) => ({
        resource: this.resource(`service-${i}`), schemaUrl: '', scopeLogs: [{ scope: this.scope(), schemaUrl: 'https://example.test/schema', logRecords }],
      })),
    };
  }

  private logRecord(timeNs: bigint, number: number): LogRecord {
    const traced = this.next() < 0.7;
    return {
      timeNs,
      observedTimeNs: this.next() < 0.5 ? timeNs + 5n : 0n,
      severityNumber: this.int(25),
      severityText: this.pick(['', 'INFO', 'Warning', 'ERROR']),
      body: this.next() < 0.7 ? `line ${number} ${this.pick(['plain', 'größer', 'a "quoted" one', 'with\nnewline'])}` : this.value(2),
      attributes: this.attributes('log'),
      droppedAttributesCount: this.int(2),
      flags: this.int(2),
      traceId: traced ? this.hex(16) : '',
      spanId: traced ? this.hex(8) : '',
      eventName: this.next() < 0.2 ? 'device.app.start' : '',
    };
  }

  traces(count: number, startNs: bigint): TracesData {
    const traceId = this.hex(16);
    const spans = Array.from({ length: count }, (_, i) => this.span(i % 3 === 0 ? this.hex(16) : traceId, startNs + BigInt(i) * 1_000_003n));
    return { resourceSpans: [{ resource: this.resource('service-0'), schemaUrl: '', scopeSpans: [{ scope: this.scope(), schemaUrl: '', spans }] }] };
  }

  private span(traceId: string, startNs: bigint): Span {
    return {
      traceId, spanId: this.hex(8), traceState: this.pick(['', 'a=b']), parentSpanId: this.next() < 0.5 ? this.hex(8) : '', flags: 257,
      name: this.pick(['GET /orders/:id', 'SELECT größe']), kind: this.int(6), startNs, endNs: startNs + BigInt(this.int(1_000_000_000)),
      attributes: this.attributes('span'), droppedAttributesCount: this.int(2),
      events: this.next() < 0.5 ? [] : [{ timeNs: startNs + 7n, name: 'exception', attributes: this.attributes('event', 2), droppedAttributesCount: 0 }],
      droppedEventsCount: 0,
      links: this.next() < 0.5 ? [] : [{ traceId: this.hex(16), spanId: this.hex(8), traceState: '', attributes: this.attributes('link', 1), droppedAttributesCount: 0, flags: 0 }],
      droppedLinksCount: 0,
      status: { code: this.int(3), message: this.pick(['', 'card refused']) },
    };
  }

  /** Metrics of all types, every series once per time. */
  metrics(timesNs: readonly bigint[]): MetricsData {
    const metrics: Metric[] = [
      this.metric('requests.served', '{request}', { type: 'sum', temporality: 2, monotonic: true, dataPoints: this.points(timesNs, (timeNs, i) => ({ value: BigInt(100 + i), exemplars: [this.exemplar(timeNs)] })) }),
      this.metric('bytes.sent', 'By', { type: 'sum', temporality: 2, monotonic: true, dataPoints: this.points(timesNs, (_, i) => ({ value: i + this.next(), exemplars: [] })) }),
      this.metric('connections.open', '', { type: 'sum', temporality: 2, monotonic: false, dataPoints: this.points(timesNs, () => ({ value: BigInt(-this.int(10)), exemplars: [] })) }),
      this.metric('cpu.utilization', '1', { type: 'gauge', dataPoints: this.points(timesNs, () => ({ value: this.next(), exemplars: [] })) }),
      this.metric('temperatur größe', 'Cel', { type: 'gauge', dataPoints: this.points(timesNs, () => ({ value: this.next() * 1e300, exemplars: [] })) }),
      this.metric('gone', 's', { type: 'gauge', dataPoints: this.points(timesNs, (_, i) => ({ value: 1, flags: i % 2, exemplars: [] })) }),
      this.metric('http.server.request.duration', 's', {
        type: 'histogram', temporality: 2,
        dataPoints: this.points(timesNs, (timeNs, i) => ({
          count: BigInt(6 + i), sum: 3.5 + i, min: null, max: null, explicitBounds: [0.005, 0.1, 1e-7 * 1e8, 1e21], bucketCounts: [1n, 2n, 0n, 3n, BigInt(i)],
          exemplars: [this.exemplar(timeNs, 0.05), this.exemplar(timeNs, 7)],
        })),
      }),
      this.metric('fine.duration', 'ms', {
        type: 'exponentialHistogram', temporality: 2,
        dataPoints: this.points(timesNs, (timeNs, i) => {
          const positive = { offset: this.int(20) - 10, bucketCounts: [1n, 0n, BigInt(3 + i), 0n, 0n, 0n, 2n] };
          const negative = { offset: 2, bucketCounts: [4n] };
          return { count: BigInt(11 + i), sum: 10.25, min: null, max: null, scale: this.pick([-2, 0, 3, 10]), zeroCount: 1n, zeroThreshold: 0, positive, negative, exemplars: [this.exemplar(timeNs, 2)] };
        }),
      }),
      this.metric('old.style', 's', {
        type: 'summary',
        dataPoints: this.points(timesNs, (_, i) => ({ count: BigInt(i), sum: i * 2, quantileValues: [{ quantile: 0.5, value: 1 }, { quantile: 0.99, value: this.next() }] })),
      }),
    ];
    return { resourceMetrics: [{ resource: this.resource('service-0'), schemaUrl: '', scopeMetrics: [{ scope: this.scope(), schemaUrl: '', metrics }] }] };
  }

  private points<T>(timesNs: readonly bigint[], make: (timeNs: bigint, index: number) => T): (T & { attributes: Attributes; startNs: bigint; timeNs: bigint; flags: number })[] {
    const series = [this.attributes('point', 2), [{ key: 'http.route', value: '/a' }, { key: 'http_route', value: '/b' }]];
    return timesNs.flatMap((timeNs, i) => series.map((attributes) => ({ attributes, startNs: (timesNs[0] ?? 0n) - 1_000_000_000n, timeNs, flags: 0, ...make(timeNs, i) })));
  }

  private metric(name: string, unit: string, values: MetricValues): Metric {
    return { name, description: `Counts ${name}.`, unit, metadata: [], values };
  }

  private exemplar(timeNs: bigint, value = 1): Exemplar {
    return { filteredAttributes: this.next() < 0.5 ? [] : [{ key: 'user', value: 'u1' }], timeNs, value, spanId: this.hex(8), traceId: this.hex(16) };
  }
}
