import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exporter } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { loki } from '@signalbox/collector/exporters/loki/index';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import { toLoki } from '@signalbox/signals/loki/stream';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { startLoki } from '../servers/loki/start.js';
import { requireOwnServer, requireServer } from '../servers/require-server.js';
import type { RunningServer } from '../servers/server-process.js';
import { eventually, getJson, secondsAgoNs } from './eventually.js';
import { RandomTelemetry } from './random-telemetry.js';

interface Found {
  readonly timeNs: string;
  readonly line: string;
  readonly labels: Record<string, string>;
}

const soon = (): AbortSignal => AbortSignal.timeout(20_000);

describe('integration: loki exporter → Loki', function () {
  this.timeout(120_000);
  let server: RunningServer;
  let exporter: Exporter;
  before(async function () {
    requireServer(this, 'loki');
    server = await startLoki();
    exporter = exporterTo(server.url);
  });
  after(async () => {
    await exporter?.shutdown();
    await server?.stop();
  });

  function exporterTo(url: string, settings: Record<string, unknown> = {}): Exporter {
    return loki.create(loki.parseConfig({ endpoint: url, ...settings }, detachedPlace('test')), testContext());
  }

  /** Lines with the labels that Loki shows: those of the stream and the structured metadata together. */
  async function find(selector: string, count: number, url = server.url, headers: Record<string, string> = {}): Promise<Found[]> {
    return eventually(async () => {
      const query = new URLSearchParams({ query: selector, limit: '5000', direction: 'forward', start: String(secondsAgoNs(3600)), end: String(secondsAgoNs(-60)) });
      const answer = (await getJson(`${url}/loki/api/v1/query_range?${query}`, headers)) as { data: { result: { stream: Record<string, string>; values: [string, string][] }[] } };
      const found = answer.data.result.flatMap(({ stream, values }) => values.map(([timeNs, line]) => ({ timeNs, line, labels: stream })));
      assert.equal(found.length, count, `lines for ${selector}`);
      return found.sort((a, b) => (BigInt(a.timeNs) < BigInt(b.timeNs) ? -1 : 1));
    });
  }

  function records(data: LogsData) {
    return data.resourceLogs.flatMap(({ resource, scopeLogs }) => scopeLogs.flatMap(({ scope, logRecords }) => logRecords.map((record) => ({ resource, scope, record }))));
  }

  it('shows every line again with its labels, structured metadata and time', async () => {
    const random = new RandomTelemetry();
    const data = random.logs(200, secondsAgoNs(60));
    assert.deepEqual(await exporter.export(batchOf('default', data), soon()), { kind: 'settled', delivered: 200, duplicate: 0, retry: { items: [] }, rejected: [] });
    const found = await find(`{service_namespace="${random.run}"}`, 200);
    for (const [i, { resource, scope, record }] of records(data).entries()) {
      const expected = toLoki(resource, scope, record);
      // Loki adds this one itself.
      const { detected_level: _level, ...labels } = found[i]?.labels ?? {};
      assert.equal(found[i]?.timeNs, String(expected.timeNs), `seed ${random.seed}`);
      assert.equal(found[i].line, expected.line, `seed ${random.seed}`);
      assert.deepEqual(labels, { ...expected.structuredMetadata, ...expected.stream }, `seed ${random.seed}`);
    }
  });

  it('delivers through the OTLP endpoint too', async () => {
    const random = new RandomTelemetry();
    const data = random.logs(80, secondsAgoNs(60));
    const otlp = exporterTo(server.url, { encoding: 'otlp' });
    assert.deepEqual(await otlp.export(batchOf('default', data), soon()), { kind: 'settled', delivered: 80, duplicate: 0, retry: { items: [] }, rejected: [] });
    await otlp.shutdown();
    const found = await find(`{service_namespace="${random.run}"}`, 80);
    assert.deepEqual(found.map(({ line }) => line), records(data).map(({ resource, scope, record }) => toLoki(resource, scope, record).line), `seed ${random.seed}`);
  });

  it('keeps few streams: what is not a label is found by structured metadata', async () => {
    const random = new RandomTelemetry();
    const data = random.logs(50, secondsAgoNs(60));
    await exporter.export(batchOf('default', data), soon());
    const traced = records(data).find(({ record }) => record.traceId !== '')?.record;
    assert.ok(traced);
    const [hit] = await find(`{service_namespace="${random.run}"} | trace_id="${traced.traceId}"`, 1);
    assert.equal(hit?.timeNs, String(traced.timeNs));
    const series = (await getJson(`${server.url}/loki/api/v1/series?match[]={service_namespace="${random.run}"}&start=${secondsAgoNs(3600)}`)) as { data: Record<string, string>[] };
    assert.ok(series.data.length <= 14, `${series.data.length} streams`);
  });

  it('names and flattens as Loki\'s own OTLP endpoint does', async function () {
    requireOwnServer(this, 'loki');
    const theirs = new RandomTelemetry(4711);
    const ours = new RandomTelemetry(4711);
    const startNs = secondsAgoNs(60);
    const data = theirs.logs(60, startNs);
    const own = await startLoki();
    try {
      const response = await fetch(`${own.url}/otlp/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: encodeLogs(data) });
      assert.equal(response.status, 204, await response.text());
      const plain = exporterTo(server.url, { labels: { service_namespace: ['service.namespace'] }, severity_label: false });
      await plain.export(batchOf('default', ours.logs(60, startNs)), soon());
      await plain.shutdown();
      const selector = `{service_namespace="${ours.run}"}`;
      const [expected, actual] = [await find(selector, 60, own.url), await find(selector, 60)];
      for (const [i, { labels, ...rest }] of actual.entries()) {
        // That endpoint does not keep the name of an event.
        const { event_name: _event, ...known } = labels;
        assert.deepEqual({ ...rest, labels: known }, expected[i]);
      }
    } finally {
      await own.stop();
    }
  });

  it('delivers again what was delivered already without showing it twice', async () => {
    const random = new RandomTelemetry();
    const batch = batchOf('default', random.logs(20, secondsAgoNs(60)));
    await exporter.export(batch, soon());
    await exporter.export(batch, soon());
    await find(`{service_namespace="${random.run}"}`, 20);
  });

  it('rejects what Loki refuses, with the reason, and delivers all the rest', async () => {
    const random = new RandomTelemetry();
    const fresh = random.logs(40, secondsAgoNs(60));
    const old = random.logs(10, BigInt(Date.parse('2001-01-01')) * 1_000_000n);
    const future = random.logs(3, secondsAgoNs(-86_400));
    const long = random.logs(1, secondsAgoNs(50));
    const [first] = long.resourceLogs;
    const [scopeLogs] = first?.scopeLogs ?? [];
    const tooLong: LogsData = { resourceLogs: [{ ...first!, scopeLogs: [{ ...scopeLogs!, logRecords: [{ ...scopeLogs!.logRecords[0]!, body: 'x'.repeat(300_000) }] }] }] };
    const outcome = await exporter.export(batchOf('default', old, fresh, future, tooLong), soon());
    assert.equal(outcome.kind, 'settled', JSON.stringify(outcome));
    const reasons = new Map<string, number>();
    for (const { reason } of outcome.rejected) reasons.set(reason.split(':')[0] ?? '', (reasons.get(reason.split(':')[0] ?? '') ?? 0) + 1);
    assert.deepEqual(Object.fromEntries(reasons), { timestamp_too_old: 10, timestamp_too_new: 3, line_too_long: 1 });
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [...Array(10).keys(), 50, 51, 52, 53]);
    assert.equal(outcome.delivered, 40);
    await find(`{service_namespace="${random.run}"}`, 40);
  });

  it('keeps what comes while Loki is down, and delivers it when it is back', async function () {
    requireOwnServer(this, 'loki');
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-loki-'));
    let own = await startLoki({ dataDir });
    const port = Number(new URL(own.url).port);
    const toOwn = exporterTo(own.url);
    try {
      const random = new RandomTelemetry();
      const batch = batchOf('default', random.logs(10, secondsAgoNs(60)));
      await own.stop();
      const down = await toOwn.export(batch, soon());
      assert.equal(down.kind, 'retryable');
      assert.equal(down.unknown, undefined);
      own = await startLoki({ dataDir, port });
      const up = await toOwn.export(batch, soon());
      assert.equal(up.kind === 'settled' && up.delivered, 10);
      await find(`{service_namespace="${random.run}"}`, 10, own.url);
    } finally {
      await toOwn.shutdown();
      await own.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('keeps tenants apart', async function () {
    requireOwnServer(this, 'loki');
    const own = await startLoki({ multiTenant: true });
    const toOwn = exporterTo(own.url, { headers: { 'X-Scope-OrgID': 'everyone' } });
    try {
      const random = new RandomTelemetry();
      await toOwn.export(batchOf('team-a', random.logs(3, secondsAgoNs(60))), soon());
      await toOwn.export(batchOf('default', random.logs(2, secondsAgoNs(60))), soon());
      const selector = `{service_namespace="${random.run}"}`;
      await find(selector, 3, own.url, { 'x-scope-orgid': 'team-a' });
      await find(selector, 2, own.url, { 'x-scope-orgid': 'everyone' });
      await find(selector, 0, own.url, { 'x-scope-orgid': 'default' });
    } finally {
      await toOwn.shutdown();
      await own.stop();
    }
  });
});
