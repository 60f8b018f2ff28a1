import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { labelsOf } from '../../labels/labels.js';
import type { MemoryReaders } from '../../memory/readers.js';
import { STALE_NAN } from '../../promql/numbers/stale.js';
import type { ApiOptions } from '../options.js';
import { serveExample } from '../serve-example.js';
import { prometheusApi } from './plugin.js';

interface Answer { status: string; data: { resultType: string; result: unknown; stats?: object }; errorType?: string; error?: string; warnings?: string[]; infos?: string[] }

/** Counters of two services every 15 s for ten minutes, and a gauge that goes stale. Times from 0. */
function fill(readers: MemoryReaders): void {
  const every15s = Array.from({ length: 41 }, (_, i) => i);
  for (const [job, rate] of [['api', 3], ['web', 30]] as const) {
    readers.series.set('default', labelsOf([['__name__', 'requests_total'], ['job', job]]), every15s.map((i) => ({ timeMs: i * 15_000, value: i * rate })));
  }
  readers.series.set('default', labelsOf([['__name__', 'temp'], ['room', 'żółty']]), [{ timeMs: 0, value: 20.5 }, { timeMs: 60_000, value: STALE_NAN }]);
  readers.series.add('default', {
    samples: [{
      labels: labelsOf([['__name__', 'latency_bucket'], ['le', '+Inf']]), timeMs: 30_000, value: 7, stale: false, histogram: null, startMs: 0, item: 0,
      exemplars: [{ labels: [['trace_id', 'abc']], value: 0.25, timeMs: 29_500 }],
    }],
    metadata: [{ name: 'requests', type: 'counter', help: 'Requests served', unit: '' }], dropped: [],
  });
}

async function serve(options: Partial<ApiOptions> = {}): Promise<FastifyInstance> {
  const { app, readers } = await serveExample(prometheusApi, options);
  fill(readers);
  return app;
}

describe('the Prometheus API', () => {
  let app: FastifyInstance;
  before(async () => { app = await serve(); });
  after(() => app.close());

  const ask = (path: string, params: Record<string, string> | [string, string][] = {}, on = app) => on.inject({ url: `/api/v1/${path}?${new URLSearchParams(params).toString()}` });
  const query = async (params: Record<string, string>) => {
    const response = await ask('query', params);
    assert.equal(response.statusCode, 200, response.body);
    return response.json<Answer>();
  };

  it('answers instant queries', async () => {
    assert.deepEqual(await query({ query: 'round(sum by (job) (rate(requests_total[5m])), 0.001)', time: '600' }), {
      status: 'success', data: { resultType: 'vector', result: [{ metric: { job: 'api' }, value: [600, '0.2'] }, { metric: { job: 'web' }, value: [600, '2'] }] },
    });
    assert.deepEqual((await query({ query: '1 + 1', time: '2026-01-01T00:00:00.5Z' })).data, { resultType: 'scalar', result: [1767225600.5, '2'] });
    assert.deepEqual((await query({ query: '"x"', time: '1.5' })).data, { resultType: 'string', result: [1.5, 'x'] });
    assert.deepEqual((await query({ query: 'temp[2m]', time: '100' })).data, { resultType: 'matrix', result: [{ metric: { __name__: 'temp', room: 'żółty' }, values: [[0, '20.5']] }] });
    assert.deepEqual((await query({ query: 'temp', time: '61' })).data.result, []);
    assert.deepEqual((await query({ query: 'vector(1e30) / 0', time: '0' })).data.result, [{ metric: {}, value: [0, '+Inf'] }]);
    assert.deepEqual((await query({ query: 'vector(1e-7)', time: '0' })).data.result, [{ metric: {}, value: [0, '1e-07'] }]);
  });

  it('answers range queries, also as a form', async () => {
    const params = { query: 'requests_total{job="api"}', start: '0', end: '60', step: '30s' };
    const expected = { status: 'success', data: { resultType: 'matrix', result: [{ metric: { __name__: 'requests_total', job: 'api' }, values: [[0, '0'], [30, '6'], [60, '12']] }] } };
    assert.deepEqual((await ask('query_range', params)).json(), expected);
    const posted = await app.inject({ method: 'POST', url: '/api/v1/query_range', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: new URLSearchParams(params).toString() });
    assert.deepEqual(posted.json(), expected);
    assert.deepEqual((await ask('query_range', { ...params, query: 'requests_total{job="none"}' })).json<Answer>().data, { resultType: 'matrix', result: [] });
    assert.deepEqual((await ask('query_range', { query: '1', start: '-100', end: '-10', step: '50' })).json<Answer>().data.result, [{ metric: {}, values: [[-100, '1'], [-50, '1']] }]);
  });

  it('says warnings, infos, statistics and what it cut off', async () => {
    assert.deepEqual((await query({ query: 'quantile(2, requests_total)', time: '0' })).warnings, ['PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)']);
    assert.deepEqual((await query({ query: 'rate(temp[1m:1s])', time: '30' })).infos, ['PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temp" (1:1)']);
    const limited = await query({ query: 'requests_total', time: '0', limit: '1' });
    assert.deepEqual([(limited.data.result as unknown[]).length, limited.warnings], [1, ['results truncated due to limit']]);
    assert.ok((await query({ query: '1', stats: 'true' })).data.stats !== undefined);
    assert.deepEqual((await query({ query: '1', stats: 'x' })).warnings, ['value "x" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"']);
    assert.deepEqual((await query({ query: 'requests_total', time: '640', lookback_delta: '30s' })).data.result, []);
  });

  it('lists labels, values, series and metadata', async () => {
    const data = async (path: string, params: Record<string, string> | [string, string][] = {}) => (await ask(path, params)).json<{ data: unknown; warnings?: string[] }>();
    assert.deepEqual((await data('labels')).data, ['__name__', 'job', 'le', 'room']);
    assert.deepEqual((await data('labels', [['match[]', 'temp'], ['match[]', '{le="+Inf"}']])).data, ['__name__', 'le', 'room']);
    assert.deepEqual(await data('labels', { limit: '1' }), { status: 'success', data: ['__name__'], warnings: ['results truncated due to limit'] });
    assert.deepEqual((await data('label/job/values')).data, ['api', 'web']);
    assert.deepEqual((await data('label/job/values', { 'match[]': '{job=~"a.*"}' })).data, ['api']);
    assert.deepEqual((await data('label/job/values', { start: '700' })).data, []);
    assert.deepEqual((await data('label/U__job/values')).data, ['api', 'web']);
    assert.deepEqual((await data('label/none/values')).data, []);
    assert.deepEqual((await data('series', [['match[]', 'temp'], ['match[]', 'requests_total{job="web"}']])).data, [{ __name__: 'requests_total', job: 'web' }, { __name__: 'temp', room: 'żółty' }]);
    assert.deepEqual((await data('series', { 'match[]': 'requests_total', limit: '1' })).warnings, ['results truncated due to limit']);
    assert.deepEqual((await data('metadata')).data, { requests: [{ type: 'counter', help: 'Requests served', unit: '' }] });
    assert.deepEqual((await data('metadata', { metric: 'none' })).data, {});
  });

  it('answers exemplars', async () => {
    assert.deepEqual((await ask('query_exemplars', { query: 'rate(latency_bucket[5m])', start: '0', end: '60' })).json(), {
      status: 'success', data: [{ seriesLabels: { __name__: 'latency_bucket', le: '+Inf' }, exemplars: [{ labels: { trace_id: 'abc' }, value: '0.25', timestamp: 29.5 }] }],
    });
    assert.equal((await ask('query_exemplars', { query: '1' })).statusCode, 204);
  });

  it('explains what was pushed down and read', async () => {
    const { data } = (await ask('explain', { query: 'sum by (job) (rate(requests_total{job=~"a.*"}[1m])) > bool count(temp offset 30s)', start: '120', end: '180', step: '30' })).json<{ data: { plan: object; reads: Record<string, unknown>[]; resultType: string; resultSeries: number } }>();
    const reads = data.reads.map(({ milliseconds, ...read }) => ({ ...read, timed: typeof milliseconds }));
    assert.deepEqual(reads, [
      // From a minute before the first step on, and not one sample more; the lookback for the other.
      { matchers: ['job=~"a.*"', '__name__="requests_total"'], start: 60.001, end: 180, series: 1, samples: 8, histogramSamples: 0, metrics: ['requests_total'], timed: 'number' },
      { matchers: ['__name__="temp"'], start: -209.999, end: 150, series: 1, samples: 2, histogramSamples: 0, metrics: ['temp'], timed: 'number' },
    ]);
    assert.deepEqual([data.resultType, data.resultSeries], ['matrix', 0]);
    const nodes = (plan: { node: string; inner: object[] }): unknown[] => [plan.node, ...plan.inner.map((inner) => nodes(inner as { node: string; inner: object[] }))];
    assert.deepEqual(nodes(data.plan as { node: string; inner: object[] }), ['binary >', ['aggregate sum', ['call rate', ['matrix', ['selector']]]], ['aggregate count', ['selector']]]);
    assert.equal((await ask('explain', { query: 'up{' })).statusCode, 400);
  });

  it('compresses longer answers as the client asks', async () => {
    const url = `/api/v1/query?${new URLSearchParams({ query: 'requests_total[10m]', time: '600' }).toString()}`;
    const plain = (await app.inject({ url })).body;
    const zstd: unknown = Reflect.get(zlib, 'zstdDecompressSync');
    const ways: [string, (bytes: Buffer) => Buffer][] = [['gzip', zlib.gunzipSync], ['deflate', zlib.inflateSync], ...(typeof zstd === 'function' ? [['zstd', zstd as (bytes: Buffer) => Buffer] as [string, (bytes: Buffer) => Buffer]] : [])];
    for (const [name, decompress] of ways) {
      const { headers, rawPayload } = await app.inject({ url, headers: { 'accept-encoding': `br, ${name}` } });
      assert.deepEqual([headers['content-encoding'], decompress(rawPayload).toString()], [name, plain]);
    }
    for (const accepted of ['br', 'gzip;q=0', 'identity']) assert.deepEqual((await app.inject({ url, headers: { 'accept-encoding': accepted } })).headers['content-encoding'], undefined);
  });

  it('counts samples by step', async () => {
    const { samples } = (await ask('query_range', { query: 'sum(rate(requests_total{job="api"}[1m]))', start: '60', end: '120', step: '30', stats: 'all' })).json<{ data: { stats: { samples: object } } }>().data.stats;
    // Four samples in each minute; two of them are new after half a minute.
    assert.deepEqual(samples, { totalQueryableSamplesPerStep: [[60, 4], [90, 4], [120, 4]], totalQueryableSamples: 12, samplesReadPerStep: [[60, 4], [90, 2], [120, 2]], samplesRead: 8, peakSamples: (samples as { peakSamples: number }).peakSamples });
  });

  it('shows its own metrics as Prometheus does', async () => {
    const own = await serve({
      ownMetrics: () => [
        { name: 'z_seconds', type: 'histogram', bounds: [0.5, 2], series: [{ labels: {}, counts: [1, 2, 1], sum: 5.5 }] }, { name: 'a_total', type: 'counter', series: [{ labels: { role: 'serve' }, value: 3 }] },
        { name: 'nothing', type: 'gauge', series: [] }, { name: 'b', type: 'gauge', series: [{ labels: {}, value: NaN }] },
      ],
    });
    const shown = async (params: Record<string, string>) => (await ask('status/self_metrics', params, own)).json<{ data: object[] }>();
    assert.deepEqual((await shown({})).data, [
      { name: 'a_total', type: 'COUNTER', metric: [{ label: [{ name: 'role', value: 'serve' }], counter: { value: 3 } }] }, { name: 'b', type: 'GAUGE', metric: [{ gauge: { value: 'NaN' } }] },
      { name: 'z_seconds', type: 'HISTOGRAM', metric: [{ histogram: { sampleCount: '4', sampleSum: 5.5, bucket: [{ cumulativeCount: '1', upperBound: 0.5 }, { cumulativeCount: '3', upperBound: 2 }, { cumulativeCount: '4', upperBound: 'Infinity' }] } }] },
    ]);
    assert.deepEqual((await shown({ metric_name_pattern: 'a_.*' })).data.length, 1);
    assert.deepEqual(await shown({ metric_name_pattern: '(' }), { status: 'error', errorType: 'bad_data', error: 'invalid metric_name_pattern: error parsing regexp: missing closing ): `^(?:()$`' });
    await own.close();
  });

  it('says where targets tell too much of their metrics at once', async () => {
    const scraping = await serve({ targetMetadata: (_tenant, { limit }) => Promise.resolve({ entries: [], isWhole: limit < 10 }) });
    const refused = await ask('targets/metadata', {}, scraping);
    assert.equal(refused.statusCode, 400);
    assert.match(refused.json<Answer>().error ?? '', /narrow it with match_target, metric or limit/);
    assert.equal((await ask('targets/metadata', { limit: '5' }, scraping)).statusCode, 200);
    await scraping.close();
  });

  it('has no rules, alerts and targets, and says what it is', async () => {
    assert.deepEqual((await ask('rules')).json(), { status: 'success', data: { groups: [] } });
    assert.deepEqual((await ask('alerts')).json(), { status: 'success', data: { alerts: [] } });
    assert.deepEqual((await ask('targets')).json<Answer>().data, { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} });
    assert.match((await ask('status/buildinfo')).json<{ data: { version: string } }>().data.version, /^3\./);
    assert.equal((await ask('status/flags')).json<{ data: Record<string, string> }>().data['query.lookback-delta'], '5m');
    assert.equal((await app.inject({ method: 'OPTIONS', url: '/api/v1/query' })).statusCode, 204);
    assert.equal((await ask('format_query', { query: 'sum  by(a)(rate(x[5m]))/2' })).json<{ data: string }>().data, 'sum by (a) (rate(x[5m])) / 2');
  });

  // The texts are the ones that Prometheus 3.15 answers, but for what it cannot do and what we do not yet.
  const refused: readonly [path: string, params: Record<string, string>, errorType: string, error: string | RegExp][] = [
    ['query', {}, 'bad_data', 'invalid parameter "query": unknown position: parse error: no expression found in input'],
    ['query', { query: 'up{' }, 'bad_data', 'invalid parameter "query": 1:4: parse error: unexpected end of input inside braces'],
    ['query', { query: '"abc' }, 'bad_data', 'invalid parameter "query": 1:1: parse error: unterminated quoted string'],
    ['query', { query: 'żółw' }, 'bad_data', "invalid parameter \"query\": 1:1: parse error: unexpected character: 'ż'"],
    ['query', { query: 'up{a=~"((x{100}){100}){100}"}' }, 'bad_data', /^invalid parameter "query": 1:4: parse error: error parsing regexp/],
    ['query', { query: '1', time: 'x' }, 'bad_data', 'invalid parameter "time": invalid time value for \'time\': cannot parse "x" to a valid timestamp'],
    ['query', { query: '1', timeout: 'x' }, 'bad_data', 'invalid parameter "timeout": cannot parse "x" to a valid duration'],
    ['query', { query: '1', timeout: '0' }, 'timeout', 'query timed out in query execution'],
    ['query', { query: '1', limit: '-1' }, 'bad_data', 'invalid parameter "limit": limit must be non-negative'],
    ['query', { query: '1', limit: 'x' }, 'bad_data', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
    ['query', { query: '1', lookback_delta: 'x' }, 'bad_data', 'error parsing lookback delta duration: cannot parse "x" to a valid duration'],
    ['query', { query: 'requests_total * on() requests_total', time: '0' }, 'execution', /^found duplicate series for the match group \{\} on the right hand-side of the operation/],
    ['query', { query: 'label_replace(temp, "a", "b", "c", "(")', time: '0' }, 'execution', 'invalid regular expression in label_replace(): ('],
    ['query_range', { query: '1' }, 'bad_data', 'invalid parameter "start": cannot parse "" to a valid timestamp'],
    ['query_range', { query: '1', start: '1', end: '2' }, 'bad_data', 'invalid parameter "step": cannot parse "" to a valid duration'],
    ['query_range', { query: '1', start: '2', end: '1', step: '1' }, 'bad_data', 'invalid parameter "end": end timestamp must not be before start time'],
    ['query_range', { query: '1', start: '0', end: '1', step: '0' }, 'bad_data', 'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer'],
    ['query_range', { query: '1', start: '0', end: '31536000', step: '1ns' }, 'bad_data', 'invalid parameter "step": cannot parse "1ns" to a valid duration'],
    ['query_range', { query: '1', start: '0', end: '31536000', step: '0.000000001' }, 'bad_data', 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)'],
    ['query_range', { query: '1', start: '0', end: '10', step: '1e30' }, 'bad_data', 'invalid parameter "step": cannot parse "1e30" to a valid duration. It overflows int64'],
    ['query_range', { query: 'up[5m]', start: '0', end: '10', step: '5' }, 'bad_data', 'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector'],
    ['labels', { 'match[]': '{' }, 'bad_data', '1:2: parse error: unexpected end of input inside braces'],
    ['labels', { start: 'x' }, 'bad_data', 'invalid parameter "start": invalid time value for \'start\': cannot parse "x" to a valid timestamp'],
    ['series', {}, 'bad_data', 'no match[] parameter provided'],
    ['series', { 'match[]': '{}' }, 'bad_data', 'invalid parameter "match[]": match[] must contain at least one non-empty matcher'],
    ['series', { 'match[]': 'rate(up[5m])' }, 'bad_data', 'invalid parameter "match[]": 1:5: parse error: unexpected "("'],
    ['metadata', { limit: 'x' }, 'bad_data', 'limit must be a number'],
    ['query_exemplars', {}, 'bad_data', 'unknown position: parse error: no expression found in input'],
    ['query_exemplars', { query: 'up', start: '5', end: '1' }, 'bad_data', 'end timestamp must not be before start timestamp'],
    ['rules', { type: 'x' }, 'bad_data', 'invalid parameter "type": not supported value "x"'],
    ['parse_query', { query: '1 +' }, 'bad_data', 'invalid parameter "query": 1:4: parse error: unexpected end of input'],
    ['status/tsdb', { limit: '0' }, 'bad_data', 'limit must be a positive number'],
    ['status/tsdb', { limit: '10001' }, 'bad_data', 'limit must not exceed 10000'],
  ];
  const STATUS: Readonly<Record<string, number>> = { bad_data: 400, execution: 422, timeout: 503 };
  for (const [path, params, errorType, error] of refused) {
    it(`refuses ${path} ${JSON.stringify(params)}`, async () => {
      const response = await ask(path, params);
      const body = response.json<Answer>();
      assert.deepEqual([body.status, body.errorType, response.statusCode], ['error', errorType, STATUS[errorType]]);
      if (typeof error === 'string') assert.equal(body.error, error);
      else assert.match(body.error ?? '', error);
    });
  }

  it('answers a thousand parentheses, and says when it cannot read more', async () => {
    assert.deepEqual((await query({ query: `${'('.repeat(1000)}1${')'.repeat(1000)}`, time: '0' })).data.result, [0, '1']);
    const { error } = (await ask('query', { query: `${'abs('.repeat(2000)}up${')'.repeat(2000)}` })).json<Answer>();
    assert.match(error ?? '', /parse error: .*cannot be read yet\)$/);
  });

  it('stops at its limits, naming the setting', async () => {
    const small = await serve({ limits: { maxSeries: 1, maxSamples: 10, maxPoints: 5 } });
    const error = async (path: string, params: Record<string, string>) => (await ask(path, params, small)).json<Answer>();
    assert.match((await error('query', { query: 'requests_total', time: '0' })).error ?? '', /raise query\.max_series/);
    assert.match((await error('query', { query: 'requests_total{job="api"}[10m]', time: '600' })).error ?? '', /^query processing would load too many samples into memory in query execution; .*query\.max_samples$/);
    assert.match((await error('query_range', { query: '1', start: '0', end: '6', step: '1' })).error ?? '', /maximum resolution of 5 points/);
    await small.close();
  });

  it('keeps tenants apart', async () => {
    const response = await app.inject({ url: '/api/v1/labels', headers: { 'x-scope-orgid': 'other' } });
    assert.deepEqual(response.json<{ data: string[] }>().data, []);
  });
});
