import { strict as assert } from 'node:assert';
import { gunzipSync } from 'node:zlib';
import type { ExponentialHistogramDataPoint, HistogramDataPoint, MetricsData } from '@signalbox/signals/model/metric';
import type { Batch } from '../../component.js';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { systemClock } from '../../telemetry/clock.js';
import { span, traces } from '../../receivers/otlp/fixture.test.js';
import { batchOf, testContext } from '../testing/context.js';
import { httpDestination, type HttpDestination, type Reply, type SeenRequest } from '../testing/http-destination.js';
import { failureOfStatus } from './requests/client.js';
import { dataStreamName, streamText } from './streams/data-stream.js';
import { DocumentIds } from './documents/document-id.js';
import { explicitValues, exponentialValues } from './documents/histogram-values.js';
import { elasticsearch } from './index.js';
import { adapted } from './templates/install-templates.js';
import { attributesText, doubleText, timeText } from './json/json-text.js';
import { componentTemplates } from './templates/templates.js';

const place = detachedPlace('test', ['exporters', 'elasticsearch']);
const PRODUCT = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
const json = (body: unknown, status = 200): Reply => ({ status, headers: PRODUCT, body: JSON.stringify(body) });
const uuid = testContext().journalId;

interface Server {
  readonly elasticsTemplates?: boolean;
  readonly timeSeries?: boolean;
  readonly stored?: readonly string[];
  readonly bulk: (lines: readonly Record<string, unknown>[], number: number) => Reply | 'cut';
}

describe('exporters/elasticsearch', () => {
  let destination: HttpDestination;
  afterEach(() => destination?.close());

  /** A server that answers all but bulk requests as Elasticsearch does when asked for the first time. */
  async function exporterTo(server: Server, settings: Record<string, unknown> = {}, context = testContext()) {
    let bulks = 0;
    destination = await httpDestination((request: SeenRequest) => {
      const path = request.path.split('?')[0] ?? '';
      if (path === '/_bulk') return server.bulk(bodyLines(request), ++bulks);
      if (decodeURIComponent(path).endsWith('@template')) return { status: server.elasticsTemplates === true ? 200 : 404, headers: PRODUCT };
      if (path.includes('_simulate')) return json({ template: { settings: { index: server.timeSeries === true ? { mode: 'time_series' } : {} }, mappings: { dynamic_templates: [{ gauge_double: {} }] } } });
      if (path.endsWith('/_search')) return json({ hits: { hits: (server.stored ?? []).map((_id) => ({ _id })) } });
      return json({ acknowledged: true, index_templates: [] });
    });
    return elasticsearch.create(elasticsearch.parseConfig({ endpoint: destination.url, ...settings }, place), context);
  }

  function bodyLines({ headers, body }: SeenRequest): Record<string, unknown>[] {
    const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  }
  const created = (lines: readonly unknown[]): Reply => json({ errors: false, items: Array.from({ length: lines.length / 2 }, () => ({ create: { status: 201 } })) });
  const paths = (): string[] => destination.seen.map(({ path }) => path.split('?')[0] ?? '');
  const batch = (count = 1) => batchOf('default', traces(Array.from({ length: count }, (_, i) => span(i))));
  const soon = (): AbortSignal => AbortSignal.timeout(60_000);

  it('creates documents under the ids of their items', async () => {
    const exporter = await exporterTo({ bulk: created });
    await exporter.export(batchOf('team', traces([span(1)]), traces([span(2)])), soon());
    const lines = bodyLines(destination.seen.find(({ path }) => path.startsWith('/_bulk')) as SeenRequest);
    const ids = new DocumentIds(uuid);
    assert.deepEqual(lines[0], { create: { _index: 'traces-generic.otel-team', _id: ids.of(1000, 0) } });
    assert.deepEqual(lines[2], { create: { _index: 'traces-generic.otel-team', _id: ids.of(2000, 0) } });
    assert.equal(lines[1]?.['span_id'], span(1).spanId);
    await exporter.shutdown();
  });

  it('tells created, present, overloaded and refused documents apart', async () => {
    const exporter = await exporterTo({
      bulk: () => json({
        errors: true,
        items: [
          { create: { status: 201 } },
          { create: { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'exists' } } },
          { create: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } } },
          { create: { status: 503, error: { type: 'unavailable_shards_exception', reason: 'moving' } } },
          { create: { status: 400, error: { type: 'document_parsing_exception', reason: 'bad', caused_by: { type: 'illegal_argument_exception', reason: 'inner' } } } },
          { create: { status: 404, error: { type: 'index_not_found_exception', reason: 'no template' } } },
        ],
      }),
    });
    assert.deepEqual(await exporter.export(batch(6), soon()), {
      kind: 'settled', delivered: 1, duplicate: 1,
      retry: { items: [2, 3, 5], reason: 'HTTP 429: es_rejected_execution_exception: full' },
      rejected: [{ item: 4, reason: 'document_parsing_exception: bad; caused by illegal_argument_exception: inner' }],
    });
    await exporter.shutdown();
  });

  it('keeps the whole batch for later where the server does not take requests', async () => {
    for (const [reply, reason, unknown] of [
      [json({ error: { type: 'circuit_breaking_exception', reason: 'memory' } }, 429), /HTTP 429: circuit_breaking_exception: memory/, undefined],
      [json({ error: { type: 'security_exception', reason: 'who?' } }, 401), /HTTP 401.*check the exporter's user/, undefined],
      [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }, /502/, true],
      [{ status: 503, headers: { 'content-type': 'text/html' }, body: '<html>' }, /503/, true],
      [json({ error: { type: 'cluster_block_exception', reason: 'no master' } }, 503), /503/, undefined],
      [json({ error: { type: 'x', reason: 'oops' } }, 500), /500/, true],
      [{ status: 200, headers: PRODUCT, body: '{"items' }, /unreadable answer/, true],
      ['cut', /./, true],
      [json({ errors: false, items: [] }), /answer about 0 of 1 documents/, true],
    ] as const) {
      const exporter = await exporterTo({ bulk: () => reply });
      const outcome = await exporter.export(batch(), soon());
      assert.equal(outcome.kind, 'retryable', JSON.stringify(outcome));
      assert.match(outcome.reason, reason);
      assert.equal(outcome.unknown, unknown);
      await exporter.shutdown();
      await destination.close();
    }
  });

  it('looks for documents after an unknown outcome, and sends only those that are not there', async () => {
    const ids = new DocumentIds(uuid);
    let cut = true;
    const stored: string[] = [];
    const exporter = await exporterTo({ stored, bulk: (lines) => (cut ? 'cut' : created(lines)) });
    const lost = await exporter.export(batch(3), soon());
    assert.equal(lost.kind === 'retryable' && lost.unknown, true);
    cut = false;
    stored.push(ids.of(1000, 0), ids.of(1000, 2));
    assert.deepEqual(await exporter.export(batch(3), soon()), { kind: 'settled', delivered: 1, duplicate: 2, retry: { items: [] }, rejected: [] });
    const last = bodyLines(destination.seen.at(-1) as SeenRequest);
    assert.deepEqual(last.filter((_, i) => i % 2 === 0), [{ create: { _index: 'traces-generic.otel-default', _id: ids.of(1000, 1) } }]);
    const before = destination.seen.length;
    await exporter.export(batchOf('default', traces([span(9)])), soon());
    assert.deepEqual(paths().slice(before), ['/_bulk'], 'nothing is uncertain any more');
    assert.equal(paths().filter((path) => path.endsWith('_search')).length, 1, 'after the cut');
    await exporter.shutdown();
  });

  it('divides a request that is too large or malformed as a whole', async () => {
    const exporter = await exporterTo({
      bulk: (lines) => {
        if (lines.length > 4) return { status: 413, headers: PRODUCT, body: '' };
        return lines.some((line) => line['name'] === 'bad') ? json({ error: { type: 'illegal_argument_exception', reason: 'malformed' } }, 400) : created(lines);
      },
    });
    const outcome = await exporter.export(batchOf('default', traces([0, 1, 2, 3, 4].map((i) => span(i, i === 3 ? { name: 'bad' } : {})))), soon());
    assert.deepEqual(outcome, { kind: 'settled', delivered: 4, duplicate: 0, retry: { items: [] }, rejected: [{ item: 3, reason: 'HTTP 400: illegal_argument_exception: malformed' }] });
    await exporter.shutdown();
  });

  it('counts a span as one item, whatever becomes of its events', async () => {
    const event = { timeNs: 5n, name: 'exception', attributes: [], droppedAttributesCount: 0 };
    const exporter = await exporterTo({ bulk: () => json({ items: [{ create: { status: 409 } }, { create: { status: 201 } }, { create: { status: 201 } }, { create: { status: 503, error: {} } }] }) });
    const outcome = await exporter.export(batchOf('default', traces([span(0, { events: [event] }), span(1, { events: [event] })])), soon());
    assert.deepEqual(outcome, { kind: 'settled', delivered: 1, duplicate: 0, retry: { items: [1], reason: 'HTTP 503: status 503' }, rejected: [] });
    const indices = bodyLines(destination.seen.at(-1) as SeenRequest).filter((_, i) => i % 2 === 0).map((line) => (line['create'] as { _index: string })._index);
    assert.deepEqual(indices, ['traces-generic.otel-default', 'logs-generic.otel-default', 'traces-generic.otel-default', 'logs-generic.otel-default']);
    await exporter.shutdown();
  });

  it('looks for the stored part of a span whose event is to be sent again', async () => {
    const event = { timeNs: 5n, name: 'exception', attributes: [], droppedAttributesCount: 0 };
    const ids = new DocumentIds(uuid);
    const stored: string[] = [];
    const exporter = await exporterTo({ stored, bulk: (lines, number) => (number === 1 ? json({ items: [{ create: { status: 201 } }, { create: { status: 429, error: { type: 'es_rejected_execution_exception' } } }] }) : created(lines)) });
    const one = batchOf('default', traces([span(0, { events: [event] })]));
    const first = await exporter.export(one, soon());
    assert.equal(first.kind === 'retryable' && first.unknown === undefined, true, JSON.stringify(first));
    stored.push(ids.of(1000, 0));
    assert.deepEqual(await exporter.export(one, soon()), { kind: 'settled', delivered: 1, duplicate: 0, retry: { items: [] }, rejected: [] });
    assert.deepEqual(bodyLines(destination.seen.at(-1) as SeenRequest).filter((_, i) => i % 2 === 0), [{ create: { _index: 'logs-generic.otel-default', _id: ids.of(1000, 0, 0) } }]);
    await exporter.shutdown();
  });

  it('looks for what a process before this one may have sent, and refreshes a data stream once for it', async () => {
    const ids = new DocumentIds(uuid);
    const before = [batchOf('default', traces([span(1)])), batchOf('default', traces([span(2)]))].map((batch, i) => ({ ...batch, parts: batch.parts.map((part) => ({ ...part, position: 5000 + i })) }));
    const exporter = await exporterTo({ stored: [ids.of(5001, 0)], bulk: created }, {}, testContext({ clock: { ...systemClock(), nowNs: () => systemClock().nowNs() + 1_000_000_000n } }));
    assert.deepEqual(await exporter.export(before[0] as Batch, soon()), { kind: 'settled', delivered: 1, duplicate: 0, retry: { items: [] }, rejected: [] });
    assert.deepEqual(await exporter.export(before[1] as Batch, soon()), { kind: 'settled', delivered: 0, duplicate: 1, retry: { items: [] }, rejected: [] });
    assert.equal(paths().filter((path) => path.endsWith('/_refresh')).length, 1);
    assert.equal(paths().filter((path) => path === '/_bulk').length, 1);
    await exporter.shutdown();
  });

  it('leaves Elasticsearch\'s own templates in force, and their time series without ids of ours', async () => {
    const metrics: MetricsData = {
      resourceMetrics: [{
        resource: null, schemaUrl: '',
        scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'm', description: '', unit: '', metadata: [], values: { type: 'gauge', dataPoints: [{ attributes: [], startNs: 0n, timeNs: 1n, flags: 0, value: 1.5, exemplars: [] }] } }] }],
      }],
    };
    const exporter = await exporterTo({ elasticsTemplates: true, timeSeries: true, bulk: created });
    await exporter.export(batchOf('default', metrics), soon());
    assert.deepEqual(paths(), ['/_index_template/metrics-otel%40template', '/_index_template/_simulate_index/metrics-generic.otel-default', '/_bulk']);
    assert.deepEqual(bodyLines(destination.seen.at(-1) as SeenRequest)[0], { create: { _index: 'metrics-generic.otel-default', dynamic_templates: { 'metrics.m': 'gauge_double' } } });
    await exporter.shutdown();
    await destination.close();
    const never = await exporterTo({ bulk: created }, { templates: { install: 'never' } });
    await never.export(batchOf('default', metrics), soon());
    assert.ok(!paths().includes('/_index_template/signalbox-metrics-otel'));
    await never.shutdown();
  });

  it('speaks to versions 8 and 9 alike', async () => {
    const exporter = await exporterTo({ stored: [], bulk: created }, {}, testContext({ clock: { ...systemClock(), nowNs: () => systemClock().nowNs() + 1_000_000_000n } }));
    await exporter.export(batch(), soon());
    assert.ok(paths().includes('/_bulk') && paths().some((path) => path.endsWith('/_search')) && paths().some((path) => path.startsWith('/_component_template')));
    for (const { path, headers } of destination.seen) {
      assert.match(headers.accept ?? '', /^application\/vnd\.elasticsearch\+json; compatible-with=8/, path);
      if (headers['content-type'] !== undefined) assert.match(headers['content-type'], path.startsWith('/_bulk') ? /^application\/vnd\.elasticsearch\+x-ndjson; compatible-with=8$/ : /; compatible-with=8$/, path);
    }
    await exporter.shutdown();
  });

  it('compresses as set', async () => {
    for (const [settings, encoding] of [[{}, 'gzip'], [{ compression_params: { level: 9 } }, 'gzip'], [{ compression: 'none' }, undefined]] as const) {
      const exporter = await exporterTo({ bulk: created }, settings);
      assert.deepEqual(await exporter.export(batch(3), soon()), { kind: 'settled', delivered: 3, duplicate: 0, retry: { items: [] }, rejected: [] });
      assert.equal(destination.seen.at(-1)?.headers['content-encoding'], encoding);
      await exporter.shutdown();
      await destination.close();
    }
  });

  it('sends credentials as set', async () => {
    for (const [settings, expected] of [[{ user: 'u', password: 'p' }, `Basic ${Buffer.from('u:p').toString('base64')}`], [{ api_key: 'k' }, 'ApiKey k'], [{ headers: { Authorization: 'Bearer t' } }, 'Bearer t']] as const) {
      const exporter = await exporterTo({ bulk: created }, settings);
      await exporter.export(batch(), soon());
      assert.equal(destination.seen.at(-1)?.headers.authorization, expected);
      await exporter.shutdown();
      await destination.close();
    }
  });

  it('replaces what a server lacks in a template', () => {
    const [mappings, settings] = componentTemplates('metrics', 'otel', { install: 'auto', retention: '7d' });
    const template = { ...mappings?.template, ...{ of: settings?.template ?? {} } };
    const refused = (text: string): string => JSON.stringify(adapted(template, text)?.template ?? null);
    assert.ok(refused('The mapper type [constant_keyword] declared on field [x] does not exist').includes('"type":"keyword"'));
    assert.ok(!refused('No handler for type [passthrough] declared on field [attributes]').includes('passthrough'));
    assert.ok(!refused('mapper type [histogram]').includes('{"histogram":{'));
    assert.ok(!refused('unknown setting [index.mapping.total_fields.ignore_dynamic_beyond_limit] please').includes('ignore_dynamic_beyond_limit'));
    assert.equal(adapted(template, 'No handler for type [long]'), null);
    assert.equal(adapted(template, 'something else'), null);
  });

  it('names data streams so that Elasticsearch takes them and no two tenants meet', () => {
    const name = (tenant: string): string => streamText(dataStreamName('logs', 'generic.otel', tenant));
    assert.equal(name('default'), 'logs-generic.otel-default');
    assert.equal(name('team-a'), 'logs-generic.otel-team-a');
    assert.match(name('Team A'), /^logs-generic\.otel-team_a_[0-9a-f]{8}$/);
    const names = ['a', 'A', 'a ', 'a*', 'a/', '', 'x'.repeat(101), 'x'.repeat(102), 'Ä'].map(name);
    assert.equal(new Set(names).size, names.length);
    for (const each of names) assert.match(each, /^[a-z0-9_.-]{1,200}$/);
  });

  it('makes ids that are short and never the same', () => {
    const ids = new DocumentIds(uuid);
    const made = [[0, 0], [0, 1], [1, 0], [127, 0], [128, 0], [0, 128], [2 ** 40, 2 ** 20], [0, 0, 0], [0, 1, 0], [0, 0, 1]].map(([position, ...rest]) => ids.of(position as number, ...rest));
    assert.equal(new Set(made).size, made.length);
    for (const id of made) assert.match(id, /^[A-Za-z0-9_-]{24,36}$/);
    assert.equal(ids.of(5, 6), new DocumentIds(uuid.replaceAll('-', '')).of(5, 6));
    assert.throws(() => new DocumentIds('no uuid'), /no uuid/);
  });

  it('writes numbers and times without losing digits', () => {
    assert.deepEqual([1, 0.1, -0, 1e21, NaN, -Infinity].map(doubleText), ['1.0', '0.1', '-0.0', '1e+21', '"NaN"', '"-Infinity"']);
    assert.equal(timeText(1_700_000_000_123_456_789n), '"2023-11-14T22:13:20.123456789Z"');
    assert.equal(attributesText([{ key: 'i', value: 2n ** 63n - 1n }, { key: '.', value: 'x' }, { key: 'i', value: 2n }, { key: 'n', value: null }]), '{"i":2,"_._":"x"}');
  });

  it('puts histograms at the middle of their buckets', () => {
    const point = { attributes: [], startNs: 0n, timeNs: 0n, flags: 0, count: 10n, sum: 5, min: null, max: null, exemplars: [] };
    const explicit = (explicitBounds: number[], ...bucketCounts: bigint[]): unknown => explicitValues({ ...point, explicitBounds, bucketCounts } satisfies HistogramDataPoint);
    assert.deepEqual(explicit([2, 4, 10], 1n, 2n, 0n, 4n), { values: [1, 3, 10], counts: [1n, 2n, 4n] });
    assert.deepEqual(explicit([-2, 4], 1n, 1n, 1n), { values: [-2, 1, 4], counts: [1n, 1n, 1n] });
    assert.deepEqual(explicit([], 10n), { values: [0.5], counts: [10n] });
    assert.deepEqual(explicit([]), { values: [], counts: [] });
    const exponential: ExponentialHistogramDataPoint = { ...point, scale: 0, zeroCount: 2n, zeroThreshold: 0, positive: { offset: 0, bucketCounts: [1n, 0n, 3n] }, negative: { offset: 1, bucketCounts: [5n, 6n] } };
    assert.deepEqual(exponentialValues(exponential), { values: [-6, -3, 0, 1.5, 6], counts: [6n, 5n, 2n, 1n, 3n] });
  });

  it('waits for people where they can mend it', () => {
    for (const status of [401, 403, 404, 408, 429, 500, 503]) assert.equal(failureOfStatus(status, '', true).kind, 'retry', String(status));
    for (const status of [400, 413, 422]) assert.equal(failureOfStatus(status, '', true).kind, 'refused', String(status));
  });

  it('reports contradictions in its section', () => {
    const parse = (raw: object): unknown => elasticsearch.parseConfig(raw, place);
    for (const raw of [{}, { endpoint: 'http://x', endpoints: ['http://y'] }, { endpoint: 'http://x', user: 'u' }, { endpoint: 'http://x', user: 'u', password: 'p', api_key: 'k' }, { endpoint: 'x' }, { endpoint: 'http://x', dataset: 'a-b' }]) {
      assert.throws(() => parse(raw), ConfigError, JSON.stringify(raw));
    }
    assert.doesNotThrow(() => parse({ endpoints: ['http://a:9200', 'http://b:9200'] }));
  });
});
