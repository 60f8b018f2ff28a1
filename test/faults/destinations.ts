import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Admin, Consumer } from '@platformatic/kafka';
import type { Signal } from '@signalbox/signals/model/signal';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { getJson } from '../integrations/eventually.js';
import { startElasticsearch } from '../servers/elasticsearch/start.js';
import { startKafka } from '../servers/kafka/start.js';
import { startLoki } from '../servers/loki/start.js';
import { startPrometheus } from '../servers/prometheus/start.js';
import type { RunningServer } from '../servers/server-process.js';
import type { StartOptions } from '../servers/start-options.js';
import { MARKED_METRIC } from './marked-load.js';
import { TcpProxy, type ProxyMode } from './tcp-proxy.js';

/** How often each mark of a signal is there. */
export type Found = ReadonlyMap<string, number>;

const NETWORK: readonly ProxyMode[] = ['refuse', 'reset', 'error', 'cut-answer', 'swallow-answer', 'delay', 'throttle'];
const HOURS_BACK = 12;
const LOKI_PAGE = 20_000;

/** A real server, killed and started again on its data, behind a network that can be made bad. */
export abstract class Destination {
  protected server: RunningServer | null = null;
  private frozen = false;
  protected proxy: TcpProxy | null = null;

  constructor(readonly name: string, readonly signals: readonly Signal[], private readonly dir: string) {}

  /** The exporter's section, in YAML's flow style. */
  abstract section(settings: string): string;
  /** @throws where the server cannot be asked */
  abstract found(signal: Signal): Promise<Found>;
  protected abstract run(options: StartOptions): Promise<RunningServer>;

  get url(): string {
    return this.server?.url ?? '';
  }

  get readers(): readonly string[] {
    return this.signals.map((signal) => `${signal}→${this.name}`);
  }

  async start(): Promise<void> {
    this.server = await this.run({ dataDir: join(this.dir, this.name), ...(this.port === null ? {} : { port: this.port }) });
    this.port ??= Number(this.server.url.split(':').at(-1));
    this.proxy ??= await TcpProxy.start(this.url.startsWith('http') ? this.url : `http://${this.url}`);
  }

  async kill(): Promise<void> {
    this.thaw();
    await this.server?.kill();
    this.proxy?.cut();
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.proxy?.close();
    await this.server?.stop();
  }

  /** Does something bad to the network, another thing each time. */
  disturb(turn: number): void {
    if (this.proxy === null) return;
    this.proxy.mode = NETWORK[turn % NETWORK.length]!;
    if (turn % 2 === 0) this.proxy.cut();
  }

  heal(): void {
    if (this.proxy !== null) this.proxy.mode = 'pass';
  }

  /** The server stands still: it takes connections and never answers. */
  protected freeze(): void {
    const pid = this.server?.pid;
    if (pid === undefined || this.frozen) return;
    process.kill(pid, 'SIGSTOP');
    this.frozen = true;
  }

  protected thaw(): void {
    const pid = this.server?.pid;
    if (pid !== undefined && this.frozen) process.kill(pid, 'SIGCONT');
    this.frozen = false;
  }

  private port: number | null = null;
}

export function destinationsIn(dir: string): readonly Destination[] {
  return [new Prometheus(dir), new Loki(dir), new Elasticsearch(dir), new Kafka(dir)];
}

class Prometheus extends Destination {
  constructor(dir: string) {
    super('prometheusremotewrite', ['metrics'], dir);
  }

  protected run(options: StartOptions): Promise<RunningServer> {
    return startPrometheus(options);
  }

  section(settings: string): string {
    return `{ endpoint: "${this.proxy?.url}", ${settings} }`;
  }

  async found(): Promise<Found> {
    const { data } = (await getJson(`${this.url}/api/v1/query?query=${MARKED_METRIC}[${HOURS_BACK}h]`)) as { data: { result: { metric: { series: string }; values: [number, string][] }[] } };
    return counted(data.result.flatMap(({ metric, values }) => values.map(([seconds]) => `${metric.series}@${Math.round(seconds * 1000)}`)));
  }
}

class Loki extends Destination {
  constructor(dir: string) {
    super('loki', ['logs'], dir);
  }

  protected run(options: StartOptions): Promise<RunningServer> {
    return startLoki({ ...options, limits: { max_entries_limit_per_query: 10_000_000 } });
  }

  section(settings: string): string {
    return `{ endpoint: "${this.proxy?.url}", ${settings} }`;
  }

  async found(): Promise<Found> {
    // What is older than three hours is not looked for in memory.
    await fetch(`${this.url}/flush`, { method: 'POST' });
    const all = new Set<string>();
    // Hour by hour, and in it page by page: what a query may answer is bounded. Pages overlap; Loki shows a line of one time once.
    const nowMs = Date.now() + 60_000;
    for (let hour = 0; hour < HOURS_BACK; hour++) {
      const end = `${nowMs - hour * 3_600_000}000000`;
      for (let start = `${nowMs - (hour + 1) * 3_600_000}000000`; ; ) {
        const query = new URLSearchParams({ query: '{service_name=~".+"}', limit: String(LOKI_PAGE), direction: 'forward', start, end });
        const { data } = (await getJson(`${this.url}/loki/api/v1/query_range?${query}`)) as { data: { result: { values: [string, string][] }[] } };
        const page = data.result.flatMap(({ values }) => values);
        for (const [, line] of page) all.add(line);
        const last = page.reduce((latest, [timeNs]) => (timeNs > latest ? timeNs : latest), start);
        if (page.length < LOKI_PAGE || last === start) break;
        start = last;
      }
    }
    return counted([...all]);
  }
}

class Elasticsearch extends Destination {
  constructor(dir: string) {
    super('elasticsearch', ['traces', 'logs'], dir);
  }

  protected run(options: StartOptions): Promise<RunningServer> {
    return startElasticsearch(options);
  }

  section(settings: string): string {
    return `{ endpoint: "${this.proxy?.url}", ${settings} }`;
  }

  async found(signal: Signal): Promise<Found> {
    await fetch(`${this.url}/${signal}-*/_refresh`, { method: 'POST' });
    const all: string[] = [];
    for (let after: unknown = null; ; ) {
      const answer = await this.ask(`/${signal}-*/_search`, { size: 10_000, track_total_hits: false, sort: ['_doc'], ...(after === null ? {} : { search_after: after }), _source: ['name', 'body.text'] }, after === null);
      for (const { _source } of answer.hits.hits) all.push(String(_source.name ?? _source.body?.text));
      if (answer.hits.hits.length < 10_000) return counted(all);
      after = answer.hits.hits.at(-1)!.sort;
    }
  }

  private async ask(path: string, body: object, first: boolean): Promise<{ hits: { hits: { _source: { name?: string; body?: { text: string } }; sort: unknown }[] } }> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const text = await response.text();
    assert.ok(response.ok, `${first ? '' : 'next '}${path}: ${response.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as { hits: { hits: { _source: { name?: string; body?: { text: string } }; sort: unknown }[] } };
  }
}

const TOPICS: Readonly<Record<Signal, string>> = { traces: 'otlp_spans', logs: 'otlp_logs', metrics: 'otlp_metrics' };

/** Brokers name their own address to clients, past any proxy: they are frozen instead of cut off. */
class Kafka extends Destination {
  constructor(dir: string) {
    super('kafka', ['traces', 'logs', 'metrics'], dir);
  }

  protected run(options: StartOptions): Promise<RunningServer> {
    return startKafka(options);
  }

  section(settings: string): string {
    return `{ brokers: ["${this.url}"], ${settings} }`;
  }

  override disturb(turn: number): void {
    if (turn % 2 === 0) this.freeze();
    else this.thaw();
  }

  override heal(): void {
    this.thaw();
  }

  async found(signal: Signal): Promise<Found> {
    const topic = TOPICS[signal];
    const end = await this.messages(topic);
    const consumer = new Consumer({ clientId: 'test', groupId: randomBytes(4).toString('hex'), bootstrapBrokers: [this.url] });
    const all: string[] = [];
    let read = 0n;
    try {
      if (end > 0n) {
        const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false, maxWaitTime: 100 });
        for await (const { value } of stream) {
          all.push(...marksOf(signal, value));
          if (++read >= end) break;
        }
      }
    } finally {
      await consumer.close(true);
    }
    return counted(all);
  }

  /** Messages in all partitions; nothing here compacts or deletes, and nobody produces in transactions. */
  private async messages(topic: string): Promise<bigint> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [this.url] });
    try {
      const { topics } = await admin.metadata({ topics: [topic] });
      const partitions = topics.get(topic)?.partitionsCount ?? 0;
      const [offsets] = await admin.listOffsets({ topics: [{ name: topic, partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n })) }] });
      return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + offset, 0n);
    } finally {
      await admin.close();
    }
  }
}

function marksOf(signal: Signal, value: Buffer): readonly string[] {
  switch (signal) {
    case 'traces':
      return decodeTraces(value).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)));
    case 'logs':
      return decodeLogs(value).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => String(body))));
    case 'metrics':
      return decodeMetrics(value).resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(({ values }) =>
        (values.type === 'gauge' ? values.dataPoints.map(({ attributes, timeNs }) => `${String(attributes[0]?.value)}@${timeNs / 1_000_000n}`) : []))));
  }
}

function counted(all: readonly string[]): Found {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}
