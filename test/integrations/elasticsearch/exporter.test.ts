import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import type { Exporter, Outcome } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { elasticsearch } from '@signalbox/collector/exporters/elasticsearch/index';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import { KeyValueList, type Attributes } from '@signalbox/signals/model/attributes';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { TcpProxy } from '../../faults/tcp-proxy.js';
import { ELASTICSEARCH_VERSIONS } from '../../servers/elasticsearch/start.js';
import { requireOwnServer, requireServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { secondsAgoNs } from '../eventually.js';
import { RandomTelemetry } from '../random-telemetry.js';
import { clientOf } from './client.js';

type Source = Record<string, unknown> & { attributes: Record<string, unknown>; resource: { attributes: Record<string, unknown> } };

/** The same records with attributes more, by their number. */
function named(data: LogsData, attributesOf: (i: number) => Attributes): LogsData {
  let i = 0;
  return { resourceLogs: data.resourceLogs.map((resource) => ({ ...resource, scopeLogs: resource.scopeLogs.map((scope) => ({ ...scope, logRecords: scope.logRecords.map((record) => ({ ...record, attributes: [...record.attributes, ...attributesOf(i++)] })) })) })) };
}

const soon = (): AbortSignal => AbortSignal.timeout(60_000);
const delivered = (count: number): Outcome => ({ kind: 'settled', delivered: count, duplicate: 0, retry: { items: [] }, rejected: [] });

for (const { version, recipe, start } of ELASTICSEARCH_VERSIONS) describe(`integration: elasticsearch exporter → Elasticsearch ${version}`, function () {
  this.timeout(300_000);
  let server: RunningServer;
  let client: Client;
  let tenants = 0;
  const opened: Exporter[] = [];

  before(async function () {
    requireServer(this, recipe);
    server = await start();
    client = clientOf(server.url);
  });
  after(async () => {
    for (const exporter of opened) await exporter.shutdown();
    await client?.close();
    await server?.stop();
  });

  function exporterTo(url: string, settings: Record<string, unknown> = {}): Exporter {
    const exporter = elasticsearch.create(elasticsearch.parseConfig({ endpoint: url, ...settings }, detachedPlace('test')), testContext());
    opened.push(exporter);
    return exporter;
  }
  /** A tenant of its own, and so data streams of its own, for each test. */
  const nextTenant = (random: RandomTelemetry): string => `t${++tenants}-${random.run}`;

  async function all(stream: string, query: object = { match_all: {} }): Promise<{ id: string; source: Source }[]> {
    await client.indices.refresh({ index: stream });
    const { hits } = await client.search<Source>({ index: stream, query, size: 10_000, sort: ['@timestamp'] });
    return hits.hits.map(({ _id, _source }) => ({ id: _id ?? '', source: _source as Source }));
  }

  it('shows every span again, field by field, and its events among the logs', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const data = random.traces(100, secondsAgoNs(60));
    assert.deepEqual(await exporterTo(server.url).export(batchOf(tenant, data), soon()), delivered(100));
    const found = await all(`traces-generic.otel-${tenant}`);
    assert.equal(found.length, 100);
    const spans = data.resourceSpans[0]!.scopeSpans[0]!.spans;
    for (const [i, { id, source }] of found.entries()) {
      const span = spans[i]!;
      assert.match(id, /^[A-Za-z0-9_-]{24,31}$/);
      assert.equal(source['trace_id'], span.traceId);
      assert.equal(source['span_id'], span.spanId);
      assert.equal(source['parent_span_id'] ?? '', span.parentSpanId);
      assert.equal(source['name'], span.name);
      assert.equal(source['kind'], ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'][span.kind]);
      assert.equal(source['duration'], Number(span.endNs - span.startNs));
      assert.ok(String(source['@timestamp']).endsWith(`${String(span.startNs % 1_000_000_000n).padStart(9, '0')}Z`));
      assert.equal((source['status'] as { code: string }).code, ['Unset', 'Ok', 'Error'][span.status.code]);
      assert.equal(source.resource.attributes['service.name'], 'service-0');
    }
    const events = await all(`logs-generic.otel-${tenant}`);
    assert.equal(events.length, spans.reduce((sum, span) => sum + span.events.length, 0));
    assert.equal(events[0]?.source['event_name'], 'exception');
  });

  it('finds spans by id, attribute, duration and time', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const data = random.traces(30, secondsAgoNs(60));
    await exporterTo(server.url).export(batchOf(tenant, data), soon());
    const stream = `traces-generic.otel-${tenant}`;
    const span = data.resourceSpans[0]!.scopeSpans[0]!.spans[3]!;
    assert.equal((await all(stream, { term: { span_id: span.spanId } })).length, 1);
    assert.equal((await all(stream, { term: { 'resource.attributes.service.name': 'service-0' } })).length, 30);
    assert.equal((await all(stream, { term: { 'service.name': 'service-0' } })).length, 30);
    const longer = data.resourceSpans[0]!.scopeSpans[0]!.spans.filter((each) => each.endNs - each.startNs > 500_000_000n).length;
    assert.equal((await all(stream, { range: { duration: { gt: 500_000_000 } } })).length, longer);
    const exact = { range: { '@timestamp': { gte: '2000-01-01', lt: 'now' } } };
    assert.equal((await all(stream, exact)).length, 30);
  });

  it('shows every log record again, with text and structured bodies', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const data = random.logs(150, secondsAgoNs(60));
    assert.deepEqual(await exporterTo(server.url).export(batchOf(tenant, data), soon()), delivered(150));
    const found = await all(`logs-generic.otel-${tenant}`);
    const records = data.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
    for (const [i, record] of records.entries()) {
      const source = found[i]!.source;
      const body = source['body'] as { text?: string; structured?: object } | undefined;
      if (typeof record.body === 'string' && record.body !== '') assert.equal(body?.text, record.body);
      if (record.body instanceof KeyValueList || Array.isArray(record.body)) assert.ok(body?.structured !== undefined);
      assert.equal(source['severity_number'] ?? 0, record.severityNumber);
      assert.equal(source['severity_text'] ?? '', record.severityText);
      assert.equal(source['trace_id'] ?? '', record.traceId);
      for (const { key, value } of record.attributes) if (typeof value === 'string') assert.equal(source.attributes[key], value);
    }
    assert.ok((await all(`logs-generic.otel-${tenant}`, { match: { 'body.text': 'plain' } })).length > 5);
  });

  it('groups metrics that share their attributes and time, and types them', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const data = random.metrics([secondsAgoNs(20), secondsAgoNs(10)]);
    const batch = batchOf(tenant, data);
    const outcome = await exporterTo(server.url).export(batch, soon());
    assert.equal(outcome.kind, 'settled');
    assert.deepEqual(outcome.rejected.map(({ reason }) => reason), ['no_value', 'no_value']);
    assert.equal(outcome.delivered, batch.items - 2);
    const found = await all(`metrics-generic.otel-${tenant}`);
    const values = found.flatMap(({ source }) => Object.entries(source['metrics'] as object).map(([name, value]) => ({ name, value: value as unknown, source })));
    assert.equal(values.length, batch.items - 2);
    assert.ok(found.length < values.length, `${found.length} documents`);
    assert.deepEqual(values.find(({ name }) => name === 'requests.served')?.value, 100);
    assert.deepEqual(values.find(({ name }) => name === 'http.server.request.duration')?.value, { values: [0.0025, 0.0525, 5e20], counts: [1, 2, 3] });
    assert.deepEqual(values.find(({ name }) => name === 'old.style')?.value, { sum: 0, value_count: 0 });
    const { aggregations } = await client.search({ index: `metrics-generic.otel-${tenant}`, size: 0, aggs: { most: { max: { field: 'metrics.requests.served' } } } });
    assert.equal((aggregations?.['most'] as { value: number }).value, 101);
  });

  it('takes attributes of any name and of changing type', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const base = random.logs(1, secondsAgoNs(60));
    const attributes = [
      [{ key: 'a', value: 1n }], [{ key: 'a', value: 'text' }], [{ key: 'a', value: 1.5 }], [{ key: 'a', value: new KeyValueList([{ key: 'b', value: 1n }]) }],
      [{ key: 'a.b', value: 'x' }], [{ key: '', value: 'empty' }, { key: '.', value: 'dot' }, { key: 'x..y.', value: 'dots' }, { key: ' ', value: 'space' }],
      [{ key: 'big', value: 9223372036854775807n }, { key: 'nan', value: NaN }, { key: 'long', value: 'x'.repeat(50_000) }, { key: 'list', value: ['a', 1n, [true]] }],
      [{ key: '__proto__', value: 'p' }, { key: 'constructor', value: 'c' }, { key: 'dup', value: 'first' }, { key: 'dup', value: 'last' }, { key: 'k'.repeat(600), value: 'long key' }],
      Array.from({ length: 3000 }, (_, i) => ({ key: `many.${i}`, value: BigInt(i) })),
    ];
    const data: LogsData = { resourceLogs: attributes.map((each) => ({ ...base.resourceLogs[0]!, scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [{ ...base.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!, attributes: each }] }] })) };
    assert.deepEqual(await exporterTo(server.url).export(batchOf(tenant, data), soon()), delivered(attributes.length));
    assert.equal((await all(`logs-generic.otel-${tenant}`)).length, attributes.length);
    const raw = await (await fetch(`${server.url}/logs-generic.otel-${tenant}/_search?size=100`)).text();
    assert.ok(raw.includes('9223372036854775807'), 'integers keep all of their digits');
    assert.ok(raw.includes('"dup":"last"'));
  });

  it('stores nothing twice when the answer is lost, also after a rollover', async () => {
    const random = new RandomTelemetry();
    const proxy = await TcpProxy.start(server.url);
    try {
      for (const [kind, make, count] of [
        ['logs', () => random.logs(50, secondsAgoNs(60)), 50],
        ['traces', () => random.traces(50, secondsAgoNs(60)), 50],
        ['metrics', () => random.metrics([secondsAgoNs(30)]), 18],
      ] as const) {
        for (const rollover of [false, true]) {
          const tenant = nextTenant(random);
          const stream = `${kind}-generic.otel-${tenant}`;
          const exporter = exporterTo(proxy.url);
          proxy.mode = 'pass';
          await exporter.export(batchOf(tenant, make()), soon());
          const before = (await all(stream)).length;
          const batch = batchOf(tenant, make());
          const moved = { ...batch, parts: batch.parts.map((part) => ({ ...part, position: part.position + 500_000 })) };
          proxy.mode = 'cut-answer';
          const lost = await exporter.export(moved, soon());
          assert.equal(lost.kind === 'retryable' && lost.unknown, true, JSON.stringify(lost));
          const after = (await all(stream)).length;
          assert.ok(after > before, 'it was stored all the same');
          if (rollover) await client.indices.rollover({ alias: stream });
          proxy.mode = 'pass';
          const again = await exporter.export(moved, soon());
          assert.deepEqual(again, { kind: 'settled', delivered: 0, duplicate: count, retry: { items: [] }, rejected: [] }, `${kind} rollover ${rollover}`);
          assert.equal((await all(stream)).length, after);
        }
      }
    } finally {
      await proxy.close();
    }
  });

  it('stores nothing twice when the process ends before it knows, and a rollover comes between', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const batch = batchOf(tenant, random.logs(40, secondsAgoNs(60)));
    await exporterTo(server.url).export(batch, soon());
    await client.indices.rollover({ alias: `logs-generic.otel-${tenant}` });
    const outcome = await exporterTo(server.url).export(batch, soon());
    assert.deepEqual(outcome, { kind: 'settled', delivered: 0, duplicate: 40, retry: { items: [] }, rejected: [] });
    assert.equal((await all(`logs-generic.otel-${tenant}`)).length, 40);
  });

  it('stores nothing twice when a process before sent later frames than the first that is sent again', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const [first, second] = [1000, 2000].map((position) => {
      const batch = batchOf(tenant, random.logs(20, secondsAgoNs(60)));
      return { ...batch, parts: batch.parts.map((part) => ({ ...part, position })) };
    });
    await exporterTo(server.url).export(second!, soon());
    await client.indices.rollover({ alias: `logs-generic.otel-${tenant}` });
    const after = exporterTo(server.url);
    assert.deepEqual(await after.export(first!, soon()), delivered(20));
    assert.deepEqual(await after.export(second!, soon()), { kind: 'settled', delivered: 0, duplicate: 20, retry: { items: [] }, rejected: [] });
    assert.equal((await all(`logs-generic.otel-${tenant}`)).length, 40);
  });

  it('rejects the document that Elasticsearch refuses, with the reason, and no other', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const good = random.logs(10, secondsAgoNs(60));
    const future = random.logs(1, 2n ** 63n + 10n ** 18n);
    const outcome = await exporterTo(server.url).export(batchOf(tenant, good, future, random.logs(5, secondsAgoNs(30))), soon());
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 15, JSON.stringify(outcome));
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [10]);
    assert.match(outcome.rejected[0]?.reason ?? '', /parsing_exception/);
  });

  it('sends each item to the data stream that its attributes name, once over a rollover', async () => {
    const random = new RandomTelemetry();
    const run = random.run.replace('-', '_');
    const routed = named(random.logs(8, secondsAgoNs(60)), (i) => [
      { key: 'data_stream.dataset', value: i % 2 === 0 ? `Shop-${run}` : `pay_${run}` },
      { key: 'data_stream.namespace', value: `ns-${run}` },
    ]);
    const proxy = await TcpProxy.start(server.url);
    try {
      const exporter = exporterTo(proxy.url);
      assert.deepEqual(await exporter.export(batchOf('default', routed), soon()), delivered(8));
      const more = { ...batchOf('default', routed), parts: batchOf('default', routed).parts.map((part) => ({ ...part, position: 77_000 })) };
      proxy.mode = 'cut-answer';
      assert.equal((await exporter.export(more, soon())).kind, 'retryable');
      const streams = [`logs-shop_${run}.otel-ns-${run}`, `logs-pay_${run}.otel-ns-${run}`];
      for (const stream of streams) await client.indices.rollover({ alias: stream });
      proxy.mode = 'pass';
      assert.deepEqual(await exporter.export(more, soon()), { kind: 'settled', delivered: 0, duplicate: 8, retry: { items: [] }, rejected: [] });
      for (const stream of streams) {
        const found = await all(stream);
        assert.equal(found.length, 8);
        assert.deepEqual(found[0]?.source['data_stream'], { type: 'logs', dataset: stream.split('-')[1], namespace: `ns-${run}` });
        assert.ok(!Object.keys(found[0]?.source.attributes ?? {}).some((key) => key.startsWith('data_stream')));
      }
      const other = nextTenant(random);
      assert.deepEqual(await exporter.export(batchOf(other, routed), soon()), delivered(8));
      assert.equal((await all(`logs-shop_${run}.otel-${other}`)).length, 4, 'a tenant writes to its own namespace');
    } finally {
      await proxy.close();
    }
  });

  it('takes one index for all where it is told one', async () => {
    const random = new RandomTelemetry();
    const index = `flat-${random.run}`;
    const exporter = exporterTo(server.url, { logs_index: index });
    // No template types the fields of such an index, so they are of one type here.
    const { resourceLogs } = random.logs(5, secondsAgoNs(60));
    const batch = batchOf('default', {
      resourceLogs: resourceLogs.map((resource) => ({
        ...resource,
        scopeLogs: resource.scopeLogs.map((scope) => ({
          ...scope,
          scope: null,
          logRecords: scope.logRecords.map((record) => ({ ...record, body: 'text', attributes: [] })),
        })),
      })),
    });
    assert.deepEqual(await exporter.export(batch, soon()), delivered(5));
    assert.deepEqual(await exporterTo(server.url, { logs_index: index }).export(batch, soon()), { kind: 'settled', delivered: 0, duplicate: 5, retry: { items: [] }, rejected: [] });
    assert.equal((await all(index)).length, 5);
  });

  it('speaks the Elastic Common Schema where the mode is ecs', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    const exporter = exporterTo(server.url, { mapping: { mode: 'ecs' } });
    const spans = random.traces(20, secondsAgoNs(60));
    assert.deepEqual(await exporter.export(batchOf(tenant, spans), soon()), delivered(20));
    const span = spans.resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
    const [found] = await all(`traces-generic-${tenant}`, { term: { 'span.id': span.spanId } });
    assert.equal(found?.source['trace.id'], span.traceId);
    assert.equal(found.source['service.name'], 'service-0');
    assert.equal(found.source['event.duration'], Number(span.endNs - span.startNs));
    const logs = random.logs(30, secondsAgoNs(60));
    assert.deepEqual(await exporter.export(batchOf(tenant, logs), soon()), delivered(30));
    assert.ok((await all(`logs-generic-${tenant}`, { match: { message: 'plain' } })).length > 0);
    const metrics = batchOf(tenant, random.metrics([secondsAgoNs(20)]));
    const outcome = await exporter.export(metrics, soon());
    assert.equal(outcome.kind === 'settled' && outcome.delivered, metrics.items, JSON.stringify(outcome));
    assert.ok((await all(`metrics-generic-${tenant}`)).length > 0);
  });

  it('writes plain documents in the modes none and raw, and no metrics', async () => {
    const random = new RandomTelemetry();
    for (const mode of ['none', 'raw']) {
      const tenant = nextTenant(random);
      const exporter = exporterTo(server.url, { mapping: { mode } });
      const spans = random.traces(10, secondsAgoNs(60));
      assert.deepEqual(await exporter.export(batchOf(tenant, spans), soon()), delivered(10));
      assert.deepEqual(await exporter.export(batchOf(tenant, random.logs(10, secondsAgoNs(60))), soon()), delivered(10));
      const { spanId, name } = spans.resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
      assert.equal((await all(`traces-generic-${tenant}`, { term: { SpanId: spanId } }))[0]?.source['Name'], name);
      const metrics = batchOf(tenant, random.metrics([secondsAgoNs(20)]));
      const outcome = await exporter.export(metrics, soon());
      assert.equal(outcome.kind === 'settled' && outcome.rejected.every(({ reason }) => reason === 'mode_has_no_metrics') && outcome.rejected.length === metrics.items, true);
    }
  });

  it('cuts large batches into requests', async () => {
    const random = new RandomTelemetry();
    const tenant = nextTenant(random);
    assert.deepEqual(await exporterTo(server.url, { max_request_bytes: 4096 }).export(batchOf(tenant, random.logs(100, secondsAgoNs(60))), soon()), delivered(100));
    assert.equal((await all(`logs-generic.otel-${tenant}`)).length, 100);
  });

  it('gives every tenant data streams of its own, whatever its name', async () => {
    const random = new RandomTelemetry();
    const exporter = exporterTo(server.url, { dataset: random.run.replace('-', '_') });
    const names = ['default', 'Team A', 'team a', 'x'.repeat(200), 'ü/\\*?"<>|,#:'];
    for (const tenant of names) assert.deepEqual(await exporter.export(batchOf(tenant, random.logs(2, secondsAgoNs(60))), soon()), delivered(2), tenant);
    const { data_streams } = await client.indices.getDataStream({ name: `logs-${random.run.replace('-', '_')}.otel-*` });
    assert.equal(data_streams.length, names.length);
  });

  it('keeps what comes while Elasticsearch is down, and delivers it once when it is back', async function () {
    requireOwnServer(this, recipe);
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-elasticsearch-'));
    let own = await start({ dataDir });
    const port = Number(new URL(own.url).port);
    try {
      const random = new RandomTelemetry();
      const exporter = exporterTo(own.url);
      const batch = batchOf('default', random.logs(10, secondsAgoNs(60)));
      await own.stop();
      const down = await exporter.export(batch, soon());
      assert.equal(down.kind, 'retryable');
      assert.equal(down.unknown, undefined, JSON.stringify(down));
      own = await start({ dataDir, port });
      assert.deepEqual(await exporter.export(batch, soon()), delivered(10));
      await own.stop();
      own = await start({ dataDir, port });
      assert.deepEqual(await exporter.export(batch, soon()), { kind: 'settled', delivered: 0, duplicate: 10, retry: { items: [] }, rejected: [] });
    } finally {
      await own.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
