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
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { eventually, getJson, secondsAgoNs } from '../integrations/eventually.js';
import { RandomTelemetry } from '../integrations/random-telemetry.js';
import { startElasticsearch } from '../servers/elasticsearch/start.js';
import { startLoki } from '../servers/loki/start.js';
import { requireOwnServer } from '../servers/require-server.js';
import type { RunningServer } from '../servers/server-process.js';
import { TcpProxy, type ProxyMode } from './tcp-proxy.js';

const RETRY = 'retry_on_failure: {initial_interval: 50ms, max_interval: 300ms}, circuit_breaker: {min_open: 100ms, max_open: 300ms}, batch: {max_wait: 20ms}';
const PER_FRAME = 20;
const HOUR = 3600;
const FAULTS: readonly ProxyMode[] = ['refuse', 'reset', 'error', 'cut-answer', 'swallow-answer', 'throttle', 'delay'];

describe('faults: one destination behind a bad network', function () {
  this.timeout(600_000);
  const random = new RandomTelemetry();
  let dir: string;
  let journal: Journal;
  let delivery: Delivery | undefined;
  let loki: RunningServer;
  let elasticsearch: RunningServer;
  let proxy: TcpProxy;
  let sent = 0;

  before(async function () {
    for (const name of ['loki', 'elasticsearch']) requireOwnServer(this, name);
    dir = mkdtempSync(join(tmpdir(), 'signalbox-bad-network-'));
    journal = await Journal.open({ dir: join(dir, 'journal'), maxBytes: 256 * 2 ** 20, segmentBytes: 4 * 2 ** 20, minFreeShare: 0 });
    [loki, elasticsearch] = await Promise.all([startLoki(), startElasticsearch()]);
    proxy = await TcpProxy.start(loki.url);
    const registry = builtinRegistry();
    const text = `
receivers: { otlp: }
exporters:
  loki: { endpoint: "${proxy.url}", timeout: 1s, ${RETRY} }
  elasticsearch: { endpoint: "${elasticsearch.url}", ${RETRY} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [loki, elasticsearch] } } }
`;
    const config = loadConfig({ text, file: 'test.yaml', env: {}, registry, sections: {} });
    delivery = await startDelivery({ config, registry, journalDir: join(dir, 'journal'), dataDir: dir, logger: createLogger({ stream: { write: () => undefined }, level: 'error' }), clock: systemClock(), metrics: createMetrics() });
  });
  after(async () => {
    await delivery?.stop(500);
    await journal?.close();
    await proxy?.close();
    for (const server of [loki, elasticsearch]) await server?.stop();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  async function append(startSeconds: number): Promise<void> {
    await journal.append({ signal: 'logs', encoding: 'otlp', tenant: 'default', items: PER_FRAME, rejected: [], receivedNs: secondsAgoNs(0), payload: encodeLogs(random.logs(PER_FRAME, secondsAgoNs(startSeconds))) });
    sent += PER_FRAME;
  }

  async function row(reader: string): Promise<LedgerRow> {
    const rows = await readLedger(join(dir, 'journal'));
    for (const each of rows) assert.ok(each.balanced, `${each.reader} does not balance`);
    const found = rows.find((each) => each.reader === reader);
    assert.ok(found, `no ledger of ${reader}`);
    return found;
  }

  const inElasticsearch = async (): Promise<number> => {
    await fetch(`${elasticsearch.url}/logs-*/_refresh`, { method: 'POST' });
    return ((await getJson(`${elasticsearch.url}/logs-*/_count`)) as { count: number }).count;
  };

  const inLoki = async (): Promise<number> => {
    const query = new URLSearchParams({ query: `{service_namespace="${random.run}"}`, limit: '5000', start: String(secondsAgoNs(2 * HOUR)), end: String(secondsAgoNs(-60)) });
    const { data } = (await getJson(`${loki.url}/loki/api/v1/query_range?${query}`)) as { data: { result: { values: unknown[] }[] } };
    return data.result.reduce((sum, { values }) => sum + values.length, 0);
  };

  for (const fault of FAULTS) {
    it(`goes on to the other destination while the network does this: ${fault}`, async () => {
      proxy.cut();
      proxy.mode = fault;
      for (let i = 0; i < 3; i++) {
        await append(60);
        // While the fault lasts: nothing else but the healthy destination can make this come true.
        await eventually(async () => assert.equal((await row('logs→elasticsearch')).delivered, sent), 60_000);
      }
      const behind = await row('logs→loki');
      if (fault !== 'delay' && fault !== 'throttle') assert.ok(behind.queued >= PER_FRAME, `${fault}: ${behind.queued} queued`);
    });
  }

  it('keeps an hour for a destination that is away, and brings all of it when it is back', async () => {
    proxy.cut();
    proxy.mode = 'refuse';
    for (let second = HOUR; second > 0; second -= 60) await append(second);
    await eventually(async () => assert.equal((await row('logs→elasticsearch')).delivered, sent), 60_000);
    assert.ok((await row('logs→loki')).queued >= PER_FRAME * 60);
    proxy.mode = 'pass';
    await eventually(async () => assert.equal((await row('logs→loki')).queued, 0), 60_000);
    const { delivered, dropped } = await row('logs→loki');
    assert.deepEqual([delivered, dropped], [sent, {}], `seed ${random.seed}`);
    await eventually(async () => assert.equal(await inLoki(), sent, `seed ${random.seed}`), 60_000);
    assert.equal(await inElasticsearch(), sent, `seed ${random.seed}`);
  });
});
