import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@signalbox/collector/config/load';
import { startDelivery, type Delivery } from '@signalbox/collector/delivery/runner';
import { builtinRegistry } from '@signalbox/collector/registry';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { Journal } from '@signalbox/journal/journal';
import { readLedger, type LedgerRow } from '@signalbox/journal/ledger';
import { countItems } from '@signalbox/signals/otlp/count';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { TcpProxy } from '../faults/tcp-proxy.js';
import { startElasticsearch } from '../servers/elasticsearch/start.js';
import { startLoki } from '../servers/loki/start.js';
import { startPrometheus } from '../servers/prometheus/start.js';
import { requireOwnServer } from '../servers/require-server.js';
import type { RunningServer } from '../servers/server-process.js';
import { eventually, getJson, secondsAgoNs } from './eventually.js';
import { RandomTelemetry } from './random-telemetry.js';

const RETRY = 'retry_on_failure: {initial_interval: 100ms, max_interval: 500ms}, circuit_breaker: {min_open: 200ms, max_open: 1s}, batch: {max_wait: 50ms}';

/** The twenty lines with which data goes on to all three. */
const configText = (prometheus: string, loki: string, elasticsearch: string): string => `
receivers:
  otlp:
    protocols:
      grpc:
exporters:
  prometheusremotewrite: {endpoint: ${prometheus}, ${RETRY}}
  loki: {endpoint: ${loki}, ${RETRY}}
  elasticsearch: {endpoint: ${elasticsearch}, ${RETRY}}
service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [elasticsearch]
    logs:
      receivers: [otlp]
      exporters: [loki, elasticsearch]
    metrics:
      receivers: [otlp]
      exporters: [prometheusremotewrite, elasticsearch]
`;

describe('integration: journal → Prometheus, Loki and Elasticsearch at once', function () {
  this.timeout(400_000);
  const random = new RandomTelemetry();
  const sent = { traces: 0, logs: 0, metrics: 0 };
  let dir: string;
  let journal: Journal;
  let delivery: Delivery;
  let prometheus: RunningServer;
  let loki: RunningServer;
  let elasticsearch: RunningServer | undefined;
  let proxy: TcpProxy;
  const lines: string[] = [];
  const metrics = createMetrics();

  before(async function () {
    for (const name of ['prometheus', 'loki', 'elasticsearch']) requireOwnServer(this, name);
    dir = mkdtempSync(join(tmpdir(), 'signalbox-fan-out-'));
    journal = await Journal.open({ dir: join(dir, 'journal'), maxBytes: 256 * 2 ** 20, segmentBytes: 4 * 2 ** 20, minFreeShare: 0 });
    prometheus = await startPrometheus();
    loki = await startLoki({ dataDir: join(dir, 'loki') });
    proxy = await TcpProxy.start();
  });
  after(async () => {
    await delivery?.stop(500);
    await journal?.close();
    await proxy?.close();
    for (const server of [prometheus, loki, elasticsearch]) await server?.stop();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  async function append(times: number, startSeconds: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const startNs = secondsAgoNs(startSeconds - i);
      const requests = { traces: random.traces(20, startNs), logs: random.logs(20, startNs), metrics: random.metrics([startNs]) };
      const payloads = { traces: encodeTraces(requests.traces), logs: encodeLogs(requests.logs), metrics: encodeMetrics(requests.metrics) };
      for (const signal of ['traces', 'logs', 'metrics'] as const) {
        const items = countItems(requests[signal]);
        sent[signal] += items;
        await journal.append({ signal, encoding: 'otlp', tenant: 'default', items, rejected: [], receivedNs: secondsAgoNs(0), payload: payloads[signal] });
      }
    }
  }

  async function rows(): Promise<Map<string, LedgerRow>> {
    const ledger = await readLedger(join(dir, 'journal'));
    for (const row of ledger) assert.ok(row.balanced, `${row.reader} does not balance: ${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`);
    return new Map(ledger.map((row) => [row.reader, row]));
  }

  async function settled(...readers: string[]): Promise<Map<string, LedgerRow>> {
    return eventually(async () => {
      const all = await rows();
      for (const reader of readers) assert.equal(all.get(reader)?.queued, 0, `${reader} still has ${all.get(reader)?.queued}; ${lines.slice(-3).join('')}`);
      return all;
    }, 120_000);
  }

  const documents = async (stream: string, query: object = { match_all: {} }): Promise<number> => {
    await fetch(`${elasticsearch?.url}/${stream}/_refresh`, { method: 'POST' });
    const response = await fetch(`${elasticsearch?.url}/${stream}/_count`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
    return ((await response.json()) as { count: number }).count;
  };

  const lokiLines = async (): Promise<number> => {
    const query = new URLSearchParams({ query: `{service_namespace="${random.run}"}`, limit: '5000', start: String(secondsAgoNs(3600)), end: String(secondsAgoNs(-60)) });
    const answer = (await getJson(`${loki.url}/loki/api/v1/query_range?${query}`)) as { data: { result: { values: unknown[] }[] } };
    return answer.data.result.reduce((sum, { values }) => sum + values.length, 0);
  };

  it('serves those that are there while one is not', async () => {
    const registry = builtinRegistry();
    const config = loadConfig({ text: configText(prometheus.url, loki.url, proxy.url), file: 'test.yaml', env: {}, registry, sections: {} });
    const logger = createLogger({ stream: { write: (line) => void lines.push(line) } });
    await append(5, 300);
    delivery = await startDelivery({ config, registry, journalDir: join(dir, 'journal'), dataDir: dir, logger, clock: systemClock(), metrics });
    assert.deepEqual([...delivery.readers].sort(), ['logs→elasticsearch', 'logs→loki', 'metrics→elasticsearch', 'metrics→prometheusremotewrite', 'traces→elasticsearch']);
    await append(5, 200);
    const all = await settled('logs→loki', 'metrics→prometheusremotewrite');
    assert.equal(all.get('logs→loki')?.delivered, sent.logs);
    assert.equal(all.get('metrics→prometheusremotewrite')?.delivered, sent.metrics, JSON.stringify(all.get('metrics→prometheusremotewrite')?.dropped));
    assert.equal(all.get('traces→elasticsearch')?.queued, sent.traces);
    assert.equal(all.get('logs→elasticsearch')?.delivered, 0);
    assert.equal(await eventually(async () => {
      const found = await lokiLines();
      assert.equal(found, sent.logs);
      return found;
    }), sent.logs);
  });

  it('catches up with the one that comes later', async () => {
    elasticsearch = await startElasticsearch({ dataDir: join(dir, 'elasticsearch') });
    proxy.aim(elasticsearch.url);
    const all = await settled('traces→elasticsearch', 'logs→elasticsearch', 'metrics→elasticsearch');
    assert.equal(all.get('traces→elasticsearch')?.delivered, sent.traces);
    assert.equal(await documents('traces-*', { term: { 'resource.attributes.service.namespace': random.run } }), sent.traces);
    const dropped = all.get('metrics→elasticsearch')?.dropped['no_value'] ?? 0;
    assert.equal((all.get('metrics→elasticsearch')?.delivered ?? 0) + dropped, sent.metrics);
  });

  it('stores everything once though answers are lost on the way', async () => {
    const retried = (): number => Number(/^signalbox_exporter_retried_items(?:_total)?\{exporter="elasticsearch",pipeline="traces"\} (\d+)$/m.exec(metrics.expose())?.[1] ?? 0);
    const before = retried();
    proxy.mode = 'cut-answer';
    await append(5, 100);
    await eventually(() => {
      assert.ok(proxy.withheld >= 6 && retried() > before, `${proxy.withheld} answers withheld, ${retried() - before} spans to be sent again`);
      return Promise.resolve();
    }, 60_000);
    proxy.mode = 'pass';
    const all = await settled('traces→elasticsearch', 'logs→elasticsearch', 'metrics→elasticsearch', 'logs→loki', 'metrics→prometheusremotewrite');
    assert.ok((all.get('traces→elasticsearch')?.outcomeUnknown ?? 0) > 0);
    assert.equal(all.get('logs→loki')?.outcomeUnknown, 0);
    assert.equal(all.get('traces→elasticsearch')?.delivered, sent.traces);
    assert.equal(await documents('traces-*'), sent.traces);
    assert.equal(await documents('logs-*', { bool: { must_not: { term: { event_name: 'exception' } } } }), sent.logs);
  });

  it('loses nothing when a destination is killed and started again', async () => {
    const port = Number(new URL(loki.url).port);
    await loki.kill();
    await append(5, 60);
    await settled('traces→elasticsearch', 'metrics→prometheusremotewrite');
    assert.ok(((await rows()).get('logs→loki')?.queued ?? 0) > 0);
    loki = await startLoki({ dataDir: join(dir, 'loki'), port });
    const all = await settled('logs→loki');
    assert.equal(all.get('logs→loki')?.delivered, sent.logs);
    await eventually(async () => assert.equal(await lokiLines(), sent.logs));
  });

  it('goes on where it was after a start of its own', async () => {
    await delivery.stop();
    await append(3, 30);
    const registry = builtinRegistry();
    const config = loadConfig({ text: configText(prometheus.url, loki.url, proxy.url), file: 'test.yaml', env: {}, registry, sections: {} });
    delivery = await startDelivery({ config, registry, journalDir: join(dir, 'journal'), dataDir: dir, logger: createLogger({ stream: { write: (line) => void lines.push(line) } }), clock: systemClock(), metrics: createMetrics() });
    const all = await settled('traces→elasticsearch', 'logs→elasticsearch', 'metrics→elasticsearch', 'logs→loki', 'metrics→prometheusremotewrite');
    assert.equal(all.get('logs→loki')?.delivered, sent.logs);
    assert.equal(await documents('traces-*'), sent.traces);
  });
});
