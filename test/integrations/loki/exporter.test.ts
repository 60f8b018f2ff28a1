import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exporter, Outcome } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { selectItems } from '@signalbox/collector/delivery/reading/select';
import { loki } from '@signalbox/collector/exporters/loki/index';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import { toLoki } from '@signalbox/signals/loki/stream';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { startLoki } from '../../servers/loki/start.js';
import { requireOwnServer, requireServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { eventually, getJson, secondsAgoNs } from '../eventually.js';
import { RandomTelemetry } from '../random-telemetry.js';

interface Found {
  readonly timeNs: string;
  readonly line: string;
  readonly labels: Record<string, string>;
}

const soon = (): AbortSignal => AbortSignal.timeout(60_000);

describe('integration: loki exporter → Loki', function () {
  this.timeout(240_000);
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

  it('delivers more at once than the parts of Loki may tell each other', async () => {
    const own = (process.env['SIGNALBOX_TEST_LOKI_URL'] ?? '') === '';
    const { run } = new RandomTelemetry();
    const [first, ...others] = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(60_000)}`);
    const data = new RandomTelemetry().logs(1, secondsAgoNs(60));
    const [{ scope, record }] = records(data) as [ReturnType<typeof records>[number]];
    const lines = [first!, ...others].map((body, i) => ({ ...record, body, timeNs: record.timeNs + BigInt(i) }));
    const large = { resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: run }], droppedAttributesCount: 0 }, schemaUrl: '', scopeLogs: [{ scope, schemaUrl: '', logRecords: lines }] }] };
    for (const encoding of ['otlp', 'protobuf']) {
      const sending = exporterTo(server.url, { encoding });
      const refusedBefore = await refusals();
      for (const attempt of [1, 2, 3]) assert.deepEqual(await sending.export(batchOf('default', large), soon()), { kind: 'settled', delivered: 100, duplicate: 0, retry: { items: [] }, rejected: [] }, `${encoding}, ${attempt}`);
      await sending.shutdown();
      // The second time it knows what is too much.
      if (own) assert.equal((await refusals()) - refusedBefore, encoding === 'otlp' ? 1 : 0, encoding);
    }
  });

  /** Requests that Loki answered with 5xx so far, by its own count. */
  async function refusals(): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return [...text.matchAll(/^loki_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].filter(([, labels]) => /method="POST"/.test(labels!) && /status_code="5\d\d"/.test(labels!)).reduce((sum, [, , count]) => sum + Number(count), 0);
  }

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

  describe('at the limits of streams', () => {
    const LINE = 'x'.repeat(300);

    /** Records of one service, a millisecond apart. */
    function lines(run: string, service: string, count: number): LogsData {
      const startNs = secondsAgoNs(60);
      const logRecords = Array.from({ length: count }, (_, i) => ({
        timeNs: startNs + BigInt(i) * 1_000_000n, observedTimeNs: 0n, severityNumber: 9, severityText: '', body: `${service} ${i} ${LINE}`, attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '',
      }));
      const attributes = [{ key: 'service.namespace', value: run }, { key: 'service.name', value: service }];
      return { resourceLogs: [{ resource: { attributes, droppedAttributesCount: 0 }, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords }] }] };
    }

    async function withLimits(limits: Record<string, string | number>, use: (url: string, exporter: Exporter, run: string) => Promise<void>): Promise<void> {
      const own = await startLoki({ limits });
      const toOwn = exporterTo(own.url);
      try {
        await use(own.url, toOwn, new RandomTelemetry().run);
      } finally {
        await toOwn.shutdown();
        await own.stop();
      }
    }

    it('holds back the stream that is too fast, and no other, until all of it is taken', async function () {
      requireOwnServer(this, 'loki');
      await withLimits({ per_stream_rate_limit: '4KB', per_stream_rate_limit_burst: '4KB' }, async (url, toOwn, run) => {
        let batch = batchOf('default', lines(run, 'slow', 3), lines(run, 'fast', 30));
        const first = await toOwn.export(batch, soon());
        assert.ok(first.kind === 'settled', JSON.stringify(first));
        assert.ok(first.delivered >= 3, 'the other stream is through');
        assert.ok(first.retry.items.length > 0 && first.retry.items.every((item) => item >= 3), String(first.retry.items));
        assert.match(first.retry.reason ?? '', /Per stream rate limit exceeded/);
        let outcome: Outcome = first;
        for (let attempts = 0; outcome.kind === 'settled' && outcome.retry.items.length > 0; attempts++) {
          assert.ok(attempts < 100, 'it never takes all');
          batch = selectItems(batch, outcome.retry.items);
          await new Promise((resolve) => setTimeout(resolve, 300));
          outcome = await toOwn.export(batch, soon());
          if (outcome.kind === 'retryable') outcome = { kind: 'settled', delivered: 0, duplicate: 0, retry: { items: Array.from({ length: batch.items }, (_, i) => i) }, rejected: [] };
          assert.deepEqual(outcome.rejected, []);
        }
        await find(`{service_namespace="${run}"}`, 33, url);
      });
    });

    it('rejects the streams that Loki has no room for, with the reason, and delivers the others', async function () {
      requireOwnServer(this, 'loki');
      await withLimits({ max_global_streams_per_user: 2 }, async (url, toOwn, run) => {
        const outcome = await toOwn.export(batchOf('default', lines(run, 'a', 4), lines(run, 'b', 4), lines(run, 'c', 4), lines(run, 'd', 4)), soon());
        assert.ok(outcome.kind === 'settled', JSON.stringify(outcome));
        assert.deepEqual([...new Set(outcome.rejected.map(({ reason }) => reason.split(':')[0]))], ['stream_limit']);
        // Streams are pushed side by side, so any two of them may have come first; what is rejected is whole streams.
        const rejected = outcome.rejected.map(({ item }) => item);
        assert.equal(rejected.length, 8);
        for (const first of [0, 4, 8, 12]) assert.ok([0, 4].includes(rejected.filter((item) => item >= first && item < first + 4).length), JSON.stringify(rejected));
        assert.equal(outcome.delivered, 8);
        await find(`{service_namespace="${run}"}`, 8, url);
      });
    });
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
