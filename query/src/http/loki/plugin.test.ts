import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { FAILED_TRACE } from '../../memory/example.js';
import { EXAMPLE_START_NS, serveExample } from '../serve-example.js';
import { lokiApi } from './plugin.js';
import type { LokiStream } from './streams.js';

interface Answer { status: string; data: { resultType: string; encodingFlags?: string[]; result: LokiStream[]; stats: { summary: { totalEntriesReturned: number } } } }

const START = String(EXAMPLE_START_NS);
const END = String(EXAMPLE_START_NS + 10_000_000_000n);

describe('the Loki API', () => {
  let app: FastifyInstance;
  before(async () => { ({ app } = await serveExample(lokiApi)); });
  after(() => app.close());

  const get = (path: string, params: Record<string, string> | [string, string][] = {}, headers: Record<string, string> = {}) => app.inject({ url: `/api/v1${path}?${new URLSearchParams(params).toString()}`, headers });
  const range = async (query: string, params: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const response = await get('/query_range', { query, start: START, end: END, ...params }, headers);
    assert.equal(response.statusCode, 200, response.body);
    return response.json<Answer>().data;
  };
  const lines = async (query: string, params: Record<string, string> = {}) => (await range(query, params)).result.flatMap(({ values }) => values.map(([, line]) => line)).sort();

  it('answers streams with structured metadata among their labels', async () => {
    const { resultType, result, stats, encodingFlags } = await range('{service_name="payments"} |= "declined"');
    assert.equal(resultType, 'streams');
    assert.equal(encodingFlags, undefined);
    assert.equal(stats.summary.totalEntriesReturned, 1);
    assert.deepEqual(result, [{
      stream: {
        host_name: 'app-2', order_id: '7', scope_name: 'winston', scope_version: '3', service_name: 'payments', severity: 'error', severity_number: '17',
        severity_text: 'error', span_id: 'd7ad6b7169203333', trace_id: FAILED_TRACE,
      },
      values: [[String(EXAMPLE_START_NS + 190_000_000n), 'card declined: no "credit"']],
    }]);
  });

  it('keeps it beside each line where the client asks for that', async () => {
    const { result, encodingFlags } = await range('{service_name="payments", severity="info"}', {}, { 'x-loki-response-encoding-flags': 'categorize-labels' });
    assert.deepEqual(encodingFlags, ['categorize-labels']);
    assert.equal(result.length, 1);
    assert.deepEqual(result[0]?.stream, { service_name: 'payments', severity: 'info' });
    assert.deepEqual(result[0].values.map(([, line]) => line), ['cache refreshed', 'charging card 4111']);
    assert.deepEqual((result[0].values[1]?.[2] as { structuredMetadata: Record<string, string> }).structuredMetadata['trace_id'], FAILED_TRACE);
  });

  const found: readonly [query: string, lines: string[]][] = [
    ['{service_name=~".+"}', ['cache refreshed', 'card declined: no "credit"', 'charging card 4111', 'order failed']],
    ['{service_name!="payments", severity=~".+"}', ['order failed']],
    ['{service_name=~"pay.*|shop"} != "card"', ['cache refreshed']],
    ['{service_name="payments"} |~ "(?i)CARD \\\\d+"', ['charging card 4111']],
    ['{service_name="payments"} !~ "^c"', []],
    ['{service_name="payments"} |= "4111" or "refreshed"', ['cache refreshed', 'charging card 4111']],
    [`{service_name=~".+"} | trace_id="${FAILED_TRACE}"`, ['card declined: no "credit"', 'charging card 4111', 'order failed']],
    [`{service_name="payments"} | trace_id="${FAILED_TRACE}" | severity="error"`, ['card declined: no "credit"']],
    ['{service_name=~".+"} | trace_id!~".+"', ['cache refreshed']],
    ['{service_name="nobody"}', []],
  ];
  for (const [query, expected] of found) {
    it(`answers ${query}`, async () => { assert.deepEqual(await lines(query), expected); });
  }

  it('orders and limits', async () => {
    const query = '{service_name="payments"}';
    const texts = async (params: Record<string, string>) => (await range(query, params)).result.flatMap(({ values }) => values.map(([, line]) => line));
    assert.deepEqual(await texts({ limit: '1' }), ['cache refreshed']);
    assert.deepEqual(await texts({ limit: '1', direction: 'FORWARD' }), ['charging card 4111']);
    assert.deepEqual(await lines(query, { end: String(EXAMPLE_START_NS + 190_000_000n) }), ['charging card 4111']);
    assert.deepEqual(await lines(query, { start: String(EXAMPLE_START_NS + 190_000_000n), end: '2026-01-02T03:04:06Z' }), ['card declined: no "credit"']);
    assert.deepEqual(await lines(query, { start: String(Math.floor(Number(EXAMPLE_START_NS) / 1e9)) }), ['cache refreshed', 'card declined: no "credit"', 'charging card 4111']);
  });

  it('looks at the last hour where no time is given', async () => {
    const recent = await serveExample(lokiApi, {}, BigInt(Date.now() - 60_000) * 1_000_000n);
    const query = (params: Record<string, string>) => recent.app.inject({ url: `/api/v1/query_range?${new URLSearchParams({ query: '{service_name=~".+"}', ...params }).toString()}` });
    assert.equal((await query({})).json<Answer>().data.stats.summary.totalEntriesReturned, 4);
    assert.equal((await query({ since: '10s' })).json<Answer>().data.stats.summary.totalEntriesReturned, 0);
    await recent.app.close();
  });

  it('takes a form', async () => {
    const response = await app.inject({
      method: 'POST', url: '/api/v1/query_range', headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ query: '{service_name="storefront"}', start: START, end: END }).toString(),
    });
    assert.equal(response.json<Answer>().data.result.length, 1);
  });

  it('lists labels, values and series', async () => {
    const json = async (path: string, params: Record<string, string> | [string, string][] = {}) => (await get(path, [['start', START], ['end', END], ...(Array.isArray(params) ? params : Object.entries(params))])).json<unknown>();
    assert.deepEqual(await json('/labels'), { status: 'success', data: ['service_name', 'severity'] });
    assert.deepEqual(await json('/label/service_name/values'), { status: 'success', data: ['payments', 'storefront'] });
    assert.deepEqual(await json('/label/service_name/values', { query: '{severity="info"}' }), { status: 'success', data: ['payments'] });
    assert.deepEqual(await json('/label/none/values'), { status: 'success' });
    const all = [{ service_name: 'payments', severity: 'error' }, { service_name: 'payments', severity: 'info' }, { service_name: 'storefront', severity: 'error' }];
    assert.deepEqual(await json('/series'), { status: 'success', data: all });
    assert.deepEqual(await json('/series', [['match[]', '{severity="info"}'], ['match[]', '{service_name="storefront"}']]), { status: 'success', data: all.slice(1) });
  });

  it('passes the test of a Grafana data source', async () => {
    const { data } = (await get('/query', { query: 'vector(1)+vector(1)', time: '1700000000.5' })).json<{ data: { resultType: string; result: object } }>();
    assert.deepEqual([data.resultType, data.result], ['vector', [{ metric: {}, value: [1700000000.5, '2'] }]]);
  });

  it('formats a query', async () => {
    assert.deepEqual((await get('/format_query', { query: '{a="b"}|="c"' })).json(), { status: 'success', data: '{a="b"} |= "c"' });
    const bad = await get('/format_query', { query: '{' });
    assert.equal(bad.statusCode, 400);
    assert.deepEqual(bad.json(), { status: 'invalid-query', error: 'parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }' });
  });

  // The texts are the ones that Loki 3.7 answers.
  const refused: readonly [path: string, params: Record<string, string>, status: number, message: string | RegExp][] = [
    ['/query_range', {}, 400, 'parse error : syntax error: unexpected $end'],
    ['/query_range', { query: '{a="b' }, 400, 'parse error at line 1, col 4: literal not terminated'],
    ['/query_range', { query: '{a=~"((x{100}){100}){100}"}' }, 400, /^parse error : error parsing regexp/],
    ['/query_range', { query: '{a="b"} | json' }, 400, /^parse error : the stage \| json is not supported yet/],
    ['/query_range', { query: 'rate({a="b"}[5m])' }, 400, /^parse error : metric queries \(rate\) are not supported yet/],
    ['/query_range', { query: 'vector(1)' }, 400, /not supported yet/],
    ['/query_range', { query: '{a="b"}', limit: '0' }, 400, 'limit must be a positive value'],
    ['/query_range', { query: '{a="b"}', limit: 'x' }, 400, 'strconv.Atoi: parsing "x": invalid syntax'],
    ['/query_range', { query: '{a="b"}', limit: '5001' }, 400, 'max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)'],
    ['/query_range', { query: '{a="b"}', start: 'x' }, 400, 'could not parse \'start\' parameter: strconv.ParseInt: parsing "x": invalid syntax'],
    ['/query_range', { query: '{a="b"}', start: '2026-02-31T00:00:00Z' }, 400, 'could not parse \'start\' parameter: strconv.ParseInt: parsing "2026-02-31T00:00:00Z": invalid syntax'],
    ['/query_range', { query: '{a="b"}', start: '10', end: '5' }, 400, 'end timestamp must not be before or equal to start time'],
    ['/query_range', { query: '{a="b"}', direction: 'up' }, 400, "invalid direction 'up'"],
    ['/query_range', { query: '{a="b"}', step: '0' }, 400, 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
    ['/query_range', { query: '{a="b"}', step: '1ns' }, 400, 'cannot parse "1ns" to a valid duration'],
    ['/query_range', { query: '{a="b"}', step: '0.000000001', start: '0' }, 400, 'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter'],
    ['/query_range', { query: '{a="b"}', interval: '-1' }, 400, 'interval must be >= 0'],
    ['/query_range', { query: '{a="b"}', since: '-1h' }, 400, 'could not parse \'since\' parameter: not a valid duration string: "-1h"'],
    ['/query', { query: '{a="b"}' }, 400, 'log queries are not supported as an instant query type, please change your query to a range query type'],
    ['/labels', { query: '{' }, 400, 'parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }'],
    ['/series', { 'match[]': '{a="b"} |= "x"' }, 400, 'only label matchers are supported'],
    ['/index/stats', { query: '{a="b"}' }, 501, /^index\/stats is not supported yet/],
    ['/nothing', {}, 404, '404 page not found'],
  ];
  for (const [path, params, status, message] of refused) {
    it(`refuses ${path} ${JSON.stringify(params)}`, async () => {
      const response = await get(path, params);
      assert.equal(response.statusCode, status, response.body);
      assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8');
      if (typeof message === 'string') assert.equal(response.body, message);
      else assert.match(response.body, message);
    });
  }

  it('answers absurd times with nothing', async () => {
    assert.deepEqual(await lines('{service_name=~".+"}', { start: '-5', end: '-1', step: '1' }), []);
    assert.equal((await lines('{service_name=~".+"}', { start: '0', end: '9223372036854775807', step: '31536000' })).length, 4);
  });
});
