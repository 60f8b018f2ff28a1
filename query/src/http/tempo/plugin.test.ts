import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { FAILED_TRACE } from '../../memory/example.js';
import { EXAMPLE_START_NS, serveExample } from '../serve-example.js';
import { tempoApi } from './plugin.js';

interface Found { traceID: string; rootServiceName: string; rootTraceName: string; startTimeUnixNano: string; durationMs: number; spanSets?: { matched: number; spans: object[] }[]; serviceStats: object }

const START_S = Number(EXAMPLE_START_NS / 1_000_000_000n);

describe('the Tempo API', () => {
  let app: FastifyInstance;
  before(async () => { ({ app } = await serveExample(tempoApi)); });
  after(() => app.close());

  const get = async (path: string, params: Record<string, string> = {}, headers: Record<string, string> = {}) => app.inject({ url: `/api${path}?${new URLSearchParams(params).toString()}`, headers });
  const search = async (params: Record<string, string>) => {
    const response = await get('/search', { start: String(START_S - 10), end: String(START_S + 60), ...params });
    assert.equal(response.statusCode, 200, response.body);
    return response.json<{ traces: Found[]; metrics: object }>();
  };

  it('echoes and says what it is', async () => {
    assert.equal((await get('/echo')).body, 'echo');
    assert.match((await get('/status/buildinfo')).json<{ version: string }>().version, /^\d+\.\d+\.\d+$/);
  });

  it('answers a trace in the JSON of protobuf', async () => {
    const { batches } = (await get(`/traces/${FAILED_TRACE}`)).json<{ batches: { resource: object; scopeSpans: { scope: object; spans: object[] }[] }[] }>();
    assert.equal(batches.length, 3);
    assert.deepEqual(batches[2]?.resource, { attributes: [{ key: 'service.name', value: { stringValue: 'payments' } }, { key: 'host.name', value: { stringValue: 'app-2' } }] });
    assert.deepEqual(batches[2].scopeSpans[0], {
      scope: { name: 'shop', version: '1.2' },
      spans: [{
        traceId: Buffer.from(FAILED_TRACE, 'hex').toString('base64'), spanId: Buffer.from('d7ad6b7169203333', 'hex').toString('base64'),
        parentSpanId: Buffer.from('c7ad6b7169203332', 'hex').toString('base64'), flags: 1, name: 'charge', kind: 'SPAN_KIND_INTERNAL',
        startTimeUnixNano: String(EXAMPLE_START_NS + 20_000_000n), endTimeUnixNano: String(EXAMPLE_START_NS + 190_000_000n),
        attributes: [
          { key: 'payment.provider', value: { stringValue: 'żabka' } }, { key: 'payment.attempt', value: { intValue: '2' } },
          { key: 'http.response.status_code', value: { stringValue: '500' } },
        ],
        status: { message: 'card declined', code: 'STATUS_CODE_ERROR' },
      }],
    });
    const v2 = (await get(`/v2/traces/${FAILED_TRACE.toUpperCase()}`)).json<{ trace: { resourceSpans: object[] } }>();
    assert.deepEqual(v2.trace.resourceSpans, batches);
  });

  it('answers a trace in protobuf', async () => {
    const accept = { accept: 'application/protobuf' };
    const v1 = await get(`/traces/${FAILED_TRACE}`, {}, accept);
    assert.equal(v1.headers['content-type'], 'application/protobuf');
    assert.equal(decodeTraces(v1.rawPayload).resourceSpans.length, 3);
    const v2 = await get(`/v2/traces/${FAILED_TRACE}`, {}, accept);
    assert.equal(v2.rawPayload[0], 0x0a);
    assert.deepEqual(decodeTraces(v2.rawPayload.subarray(v2.rawPayload.length - v1.rawPayload.length)), decodeTraces(v1.rawPayload));
  });

  it('finds traces by TraceQL, with the spans that matched', async () => {
    const { traces, metrics } = await search({ q: '{ resource.service.name = "storefront" && status = error && .http.response.status_code >= 500 }' });
    assert.deepEqual(metrics, { completedJobs: 1, totalJobs: 1 });
    const spanSet = {
      spans: [{
        spanID: 'b7ad6b7169203331', startTimeUnixNano: String(EXAMPLE_START_NS), durationNanos: '250000000',
        attributes: [
          { key: 'service.name', value: { stringValue: 'storefront' } }, { key: 'status', value: { stringValue: 'error' } },
          { key: 'http.response.status_code', value: { intValue: '500' } },
        ],
      }],
      matched: 1,
    };
    assert.deepEqual(traces, [{
      traceID: FAILED_TRACE.replace(/^0+/, ''), rootServiceName: 'storefront', rootTraceName: 'POST /orders', startTimeUnixNano: String(EXAMPLE_START_NS), durationMs: 250,
      spanSet, spanSets: [spanSet],
      serviceStats: { orders: { spanCount: 1, errorCount: 1 }, payments: { spanCount: 1, errorCount: 1 }, storefront: { spanCount: 1, errorCount: 1 } },
    }]);
  });

  const found: readonly [query: string, roots: string[]][] = [
    ['{}', ['GET /products', 'POST /orders']],
    ['{ false }', []],
    ['{ name =~ "GET.*" || name = "charge" }', ['GET /products', 'POST /orders']],
    ['{ duration > 200ms }', ['POST /orders']],
    ['{ kind = client }', ['POST /orders']],
    ['{ .http.response.status_code = "500" }', ['POST /orders']],
    ['{ .http.response.status_code != 500 }', ['GET /products']],
    ['{ .payment.provider = "żabka" }', ['POST /orders']],
    ['{ .cart.items = "jam" }', ['POST /orders']],
    ['{ span.host.name = "web-1" }', []],
    ['{ resource.host.name =~ "app-[12]" }', ['POST /orders']],
    ['{ .user.vip }', ['POST /orders']],
    ['{ .user.vip != nil }', ['POST /orders']],
    ['{ rootName = "GET /products" }', ['GET /products']],
    [`{ trace:id = "${FAILED_TRACE}" }`, ['POST /orders']],
  ];
  for (const [query, roots] of found) {
    it(`finds by ${query}`, async () => { assert.deepEqual((await search({ q: query })).traces.map((trace) => trace.rootTraceName), roots); });
  }

  it('counts a span once that meets two alternatives', async () => {
    const { traces } = await search({ q: '{ status = error || kind = server || name = "charge" }', spss: '2' });
    assert.deepEqual(traces.map(({ spanSets }) => [spanSets?.[0]?.matched, spanSets?.[0]?.spans.length]), [[1, 1], [3, 2]]);
  });

  it('finds traces by tags and by the duration of the whole trace', async () => {
    const names = async (params: Record<string, string>) => (await search(params)).traces.map((trace) => trace.rootTraceName);
    assert.deepEqual(await names({ tags: 'service.name=storefront http.response.status_code=200' }), ['GET /products']);
    assert.deepEqual(await names({ tags: 'payment.provider="żabka"' }), ['POST /orders']);
    assert.deepEqual(await names({ tags: 'error=true' }), ['POST /orders']);
    assert.deepEqual(await names({ 'http.request.method': 'GET' }), ['GET /products']);
    assert.deepEqual(await names({ minDuration: '100ms', limit: '1' }), ['POST /orders']);
    assert.deepEqual(await names({ maxDuration: '100ms' }), ['GET /products']);
    assert.equal((await search({ tags: 'error=true' })).traces[0]?.spanSets, undefined);
    assert.deepEqual(await names({ limit: '1' }), ['GET /products']);
    assert.equal((await get('/search')).json<{ traces: object[] }>().traces.length, 2);
  });

  it('says so while the root has not arrived', async () => {
    const { app: other, readers } = await serveExample(tempoApi);
    const orphan = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), parentSpanId: '3'.repeat(16), name: 'x', kind: 1, startNs: 5n, endNs: 1n };
    const rest = { traceState: '', flags: 0, attributes: [], droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' } };
    readers.spans.add('t', { resourceSpans: [{ resource: null, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: [{ ...orphan, ...rest }] }] }] });
    const response = await other.inject({ url: '/api/search?q={}', headers: { 'x-scope-orgid': 't' } });
    assert.equal(response.json<{ traces: Found[] }>().traces[0]?.rootServiceName, '<root span not yet received>');
    await other.close();
  });

  it('lists tags and their values', async () => {
    const json = async (path: string, params: Record<string, string> = {}) => (await get(path, params)).json<unknown>();
    assert.deepEqual(await json('/search/tags', { scope: 'resource' }), { tagNames: ['host.name', 'process.pid', 'service.name'], metrics: {} });
    const v2 = await json('/v2/search/tags') as { scopes: { name: string; tags: string[] }[] };
    assert.deepEqual(v2.scopes.map(({ name }) => name), ['span', 'resource', 'intrinsic']);
    assert.ok(v2.scopes[0]?.tags.includes('payment.provider'));
    assert.deepEqual(await json('/search/tag/service.name/values'), { tagValues: ['orders', 'payments', 'storefront'], metrics: {} });
    assert.deepEqual(await json('/v2/search/tag/resource.service.name/values'), {
      tagValues: ['orders', 'payments', 'storefront'].map((value) => ({ type: 'string', value })), metrics: {},
    });
    assert.deepEqual(await json('/v2/search/tag/.http.response.status_code/values'), {
      tagValues: [{ type: 'int', value: '200' }, { type: 'int', value: '500' }, { type: 'string', value: '500' }], metrics: {},
    });
    assert.deepEqual(await json('/v2/search/tag/status/values'), { tagValues: ['unset', 'ok', 'error'].map((value) => ({ type: 'keyword', value })), metrics: {} });
    assert.deepEqual(await json('/v2/search/tag/name/values', { limit: '1' }), { tagValues: [{ type: 'string', value: 'GET /products' }], metrics: {} });
    assert.deepEqual(await json('/v2/search/tag/span.user.vip/values'), { tagValues: [{ type: 'bool', value: 'true' }], metrics: {} });
  });

  const refused: readonly [path: string, params: Record<string, string>, status: number, message: string | RegExp][] = [
    ['/traces/dead', {}, 404, ''],
    ['/v2/traces/dead', {}, 404, ''],
    ['/traces/12xz', {}, 400, "trace IDs can only contain hex characters: invalid character 'x' at position 3"],
    [`/traces/${'1'.repeat(33)}`, {}, 400, "trace IDs can't be larger than 128 bits"],
    ['/search', { q: '{' }, 400, /^invalid TraceQL query: parse error at line 1, col 2: syntax error: unexpected \$end/],
    ['/search', { q: '{ .a = "x }' }, 400, /^invalid TraceQL query: parse error at line 1, col 8: literal not terminated$/],
    ['/search', { q: '{} | count() > 1' }, 400, /^invalid TraceQL query: a pipeline \(\|\) is not supported yet/],
    ['/search', { q: '{ .a =~ "((a{100}){100}){100}" }' }, 400, /^invalid TraceQL query: error parsing regexp/],
    ['/search', { start: '10', end: '5' }, 400, 'http parameter start must be before end. received start=10 end=5'],
    ['/search', { start: '-1' }, 400, 'invalid start: strconv.ParseUint: parsing "-1": invalid syntax'],
    ['/search', { end: '99999999999' }, 400, 'invalid end: strconv.ParseUint: parsing "99999999999": value out of range'],
    ['/search', { limit: '0' }, 400, 'invalid limit: must be a positive number'],
    ['/search', { limit: '10001' }, 400, 'limit 10001 exceeds max limit 10000'],
    ['/search', { spss: '101' }, 400, 'spans per span set exceeds 100. received 101'],
    ['/search', { minDuration: 'x' }, 400, 'invalid minDuration: time: invalid duration "x"'],
    ['/search', { minDuration: '2s', maxDuration: '1s' }, 400, 'invalid maxDuration: must be greater than minDuration'],
    ['/search', { tags: 'a=b a=c' }, 400, 'invalid tags: tag a has been set twice'],
    ['/search', { tags: 'a="b' }, 400, 'invalid tags: unterminated quoted value at pos 5'],
    ['/search', { tags: '=b' }, 400, "invalid tags: unexpected '=' at pos 1"],
    ['/v2/search/tags', { scope: 'planet' }, 400, 'invalid scope: planet'],
    ['/v2/search/tag/a b/values', {}, 400, /^please provide a valid tagName: failed to parse identifier a b: parse error at line 1/],
    ['/metrics/query_range', { q: '{} | rate()' }, 400, /^TraceQL metrics are not supported yet/],
    ['/nothing', {}, 404, '404 page not found'],
  ];
  for (const [path, params, status, message] of refused) {
    it(`refuses ${path.slice(0, 30)} ${JSON.stringify(params)}`, async () => {
      const response = await get(encodeURI(path), params);
      assert.equal(response.statusCode, status, response.body);
      if (typeof message === 'string') assert.equal(response.body, message);
      else assert.match(response.body, message);
    });
  }
});
