import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { FAILED_TRACE, GOOD_TRACE } from '../../memory/example.js';
import { EXAMPLE_START_NS, serveExample } from '../serve-example.js';
import type { JaegerResponse, JaegerTrace } from './model.js';
import { jaegerApi } from './plugin.js';

const START_US = Number(EXAMPLE_START_NS / 1000n);
const RANGE = { start: String(START_US - 1_000_000), end: String(START_US + 60_000_000) };

describe('the Jaeger API', () => {
  let app: FastifyInstance;
  before(async () => { ({ app } = await serveExample(jaegerApi)); });
  after(() => app.close());

  async function get(path: string, params: Record<string, string> | [string, string][] = {}): Promise<{ status: number; type: string; body: JaegerResponse; traces: JaegerTrace[] }> {
    const response = await app.inject({ url: `${path}?${new URLSearchParams(params).toString()}` });
    const body: JaegerResponse = response.json();
    return { status: response.statusCode, type: String(response.headers['content-type']), body, traces: (body.data ?? []) as JaegerTrace[] };
  }
  const search = (params: Record<string, string> | [string, string][]) => get('/api/traces', Array.isArray(params) ? [...Object.entries(RANGE), ...params] : { ...RANGE, ...params });

  it('lists services and operations', async () => {
    assert.deepEqual((await get('/api/services')).body, { data: ['orders', 'payments', 'storefront'], total: 3, limit: 0, offset: 0, errors: null });
    assert.deepEqual((await get('/api/services/storefront/operations')).body.data, ['GET /products', 'POST /orders']);
    assert.deepEqual((await get('/api/services/none/operations')).body, { data: null, total: 0, limit: 0, offset: 0, errors: null });
    assert.deepEqual((await get('/api/operations', { service: 'orders' })).body.data, [{ name: 'orders.Orders/Place', spanKind: 'client' }]);
    assert.deepEqual((await get('/api/operations', { service: 'orders', spanKind: 'server' })).body.data, []);
    assert.equal((await get('/api/operations')).body.errors?.[0]?.msg, "parameter 'service' is required");
  });

  it('shows a trace field for field', async () => {
    const { body, type, traces } = await get(`/api/traces/${FAILED_TRACE}`);
    assert.match(type, /^application\/json/);
    assert.deepEqual({ ...body, data: null }, { data: null, total: 0, limit: 0, offset: 0, errors: null });
    const [trace] = traces;
    assert.equal(trace?.traceID, FAILED_TRACE);
    assert.equal(trace.warnings, null);
    assert.deepEqual(trace.processes['p2'], {
      serviceName: 'orders', tags: [{ key: 'host.name', type: 'string', value: 'app-1' }, { key: 'process.pid', type: 'int64', value: 4242 }],
    });
    assert.deepEqual(trace.spans.map((span) => [span.operationName, span.processID]), [['POST /orders', 'p1'], ['orders.Orders/Place', 'p2'], ['charge', 'p3']]);
    assert.deepEqual(trace.spans[0], {
      traceID: FAILED_TRACE, spanID: 'b7ad6b7169203331', operationName: 'POST /orders', references: [], startTime: START_US, duration: 250_000,
      tags: [
        { key: 'cart.items', type: 'string', value: '["tea","jam"]' },
        { key: 'cart.total', type: 'float64', value: 12.5 },
        { key: 'error', type: 'bool', value: true },
        { key: 'http.request.method', type: 'string', value: 'POST' },
        { key: 'http.response.status_code', type: 'int64', value: 500 },
        { key: 'otel.scope.name', type: 'string', value: 'shop' },
        { key: 'otel.scope.version', type: 'string', value: '1.2' },
        { key: 'otel.status_code', type: 'string', value: 'ERROR' },
        { key: 'otel.status_description', type: 'string', value: 'payment declined' },
        { key: 'span.kind', type: 'string', value: 'server' },
        { key: 'user.vip', type: 'bool', value: true },
      ],
      logs: [], processID: 'p1', warnings: null,
    });
    assert.deepEqual(trace.spans[1]?.references, [
      { refType: 'CHILD_OF', traceID: FAILED_TRACE, spanID: 'b7ad6b7169203331' },
      { refType: 'FOLLOWS_FROM', traceID: '1234567890abcdef', spanID: '00f067aa0ba902b7' },
    ]);
    assert.deepEqual(trace.spans[1].logs, [{
      timestamp: START_US + 200_000,
      fields: [
        { key: 'event', type: 'string', value: 'exception' },
        { key: 'exception.message', type: 'string', value: 'card declined' },
        { key: 'exception.type', type: 'string', value: 'PaymentError' },
      ],
    }]);
    assert.ok(trace.spans[1].tags.some((tag) => tag.key === 'w3c.tracestate' && tag.value === 'shop=1'));
  });

  it('shows spans as they were sent where raw ones are asked for', async () => {
    const [trace] = (await get(`/api/traces/${FAILED_TRACE}`, { raw: 'true' })).traces;
    assert.deepEqual(trace?.spans[2]?.tags.map(({ key }) => key), [
      'otel.scope.name', 'otel.scope.version', 'payment.provider', 'payment.attempt', 'http.response.status_code', 'span.kind', 'otel.status_code', 'error', 'otel.status_description',
    ]);
  });

  it('takes short ids, several ids and says which are not there', async () => {
    assert.equal((await get('/api/traces/1234567890ABCDEF')).traces[0]?.traceID, '1234567890abcdef');
    const { traces, body } = await get('/api/traces', [['traceID', FAILED_TRACE], ['traceID', GOOD_TRACE], ['traceID', 'abc']]);
    assert.deepEqual(traces.map((trace) => trace.traceID), [FAILED_TRACE, '1234567890abcdef']);
    assert.deepEqual(body.errors, [{ msg: 'trace not found', traceID: '0000000000000abc' }]);
  });

  const found: readonly [what: string, params: Record<string, string> | [string, string][], traces: number][] = [
    ['a service', { service: 'storefront' }, 2],
    ['an operation', { service: 'storefront', operation: 'POST /orders' }, 1],
    ['errors', { service: 'storefront', tags: '{"error":"true"}' }, 1],
    ['an integer attribute by its text', { service: 'storefront', tags: '{"http.response.status_code":"500"}' }, 1],
    ['a string attribute that looks like a number', { service: 'payments', tags: '{"http.response.status_code":"500"}' }, 1],
    ['a boolean attribute', { service: 'storefront', tag: 'user.vip:true' }, 1],
    ['a double attribute', { service: 'storefront', tag: 'cart.total:12.5' }, 1],
    ['a resource attribute', { service: 'storefront', tag: 'host.name:web-1' }, 2],
    ['a kind', { service: 'orders', tag: 'span.kind:client' }, 1],
    ['a status', { service: 'storefront', tag: 'otel.status_code:OK' }, 1],
    ['a scope', { service: 'storefront', tag: 'otel.scope.name:shop' }, 2],
    ['several tags', [['service', 'storefront'], ['tag', 'user.vip:true'], ['tag', 'http.request.method:POST'], ['tags', '{"http.response.status_code":"500"}']], 1],
    ['tags of different spans', [['service', 'storefront'], ['tag', 'user.vip:true'], ['tag', 'http.request.method:GET']], 0],
    ['a value with a colon', { service: 'storefront', tag: 'a:b:c' }, 0],
    ['a minimum duration', { service: 'storefront', minDuration: '100ms' }, 1],
    ['a maximum duration', { service: 'storefront', maxDuration: '100ms' }, 1],
    ['both', { service: 'storefront', minDuration: '20ms', maxDuration: '20ms' }, 1],
    ['nothing before the start', { service: 'storefront', start: String(START_US + 2_000_000) }, 0],
    ['a limit', { service: 'storefront', limit: '1' }, 1],
    ['a limit of zero', { service: 'storefront', limit: '0' }, 0],
    ['unknown parameters', { service: 'storefront', lookback: '1h', bogus: 'x' }, 2],
    ['other alphabets', { service: 'payments', tag: 'payment.provider:żabka' }, 1],
  ];
  for (const [what, params, traces] of found) {
    it(`finds by ${what}`, async () => {
      const answer = await search(params);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.traces.length, traces);
      assert.equal(answer.body.errors, null);
    });
  }

  it('finds the newest first', async () => {
    assert.deepEqual((await search({ service: 'storefront' })).traces.map((trace) => trace.traceID), ['1234567890abcdef', FAILED_TRACE]);
    assert.equal((await search({ service: 'storefront', limit: '1' })).traces[0]?.traceID, '1234567890abcdef');
  });

  const refused: readonly [path: string, params: Record<string, string>, status: number, message: string][] = [
    ['/api/traces', {}, 400, "parameter 'service' is required"],
    ['/api/traces', { service: 'a', start: 'x' }, 400, 'unable to parse param \'start\': strconv.ParseInt: parsing "x": invalid syntax'],
    ['/api/traces', { service: 'a', end: '99999999999999999999' }, 400, 'unable to parse param \'end\': strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    ['/api/traces', { service: 'a', limit: 'x' }, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['/api/traces', { service: 'a', limit: '99999999999' }, 400, 'strconv.ParseInt: parsing "99999999999": value out of range'],
    ['/api/traces', { service: 'a', minDuration: '5' }, 400, 'unable to parse param \'minDuration\': time: missing unit in duration "5"'],
    ['/api/traces', { service: 'a', minDuration: '2s', maxDuration: '1s' }, 400, "'maxDuration' should be greater than 'minDuration'"],
    ['/api/traces', { service: 'a', tag: 'x' }, 400, "malformed 'tag' parameter, expecting key:value, received: x"],
    ['/api/traces', { service: 'a', tags: '{"a":' }, 400, "malformed 'tags' parameter, cannot unmarshal JSON: unexpected end of JSON input"],
    ['/api/traces', { service: 'a', tags: 'x' }, 400, "malformed 'tags' parameter, cannot unmarshal JSON: invalid character 'x' looking for beginning of value"],
    ['/api/traces', { service: 'a', tags: '{"a":1}' }, 400, "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal number into Go value of type string"],
    ['/api/traces', { service: 'a', tags: '[]' }, 400, "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal array into Go value of type map[string]string"],
    ['/api/traces', { service: 'a', raw: 'perhaps' }, 400, 'unable to parse param \'raw\': strconv.ParseBool: parsing "perhaps": invalid syntax'],
    ['/api/traces', { traceID: 'xyz' }, 400, 'cannot parse traceID param: strconv.ParseUint: parsing "xyz": invalid syntax'],
    ['/api/traces', { service: 'a', tag: 'otel.scope.version:1' }, 400, "searching by the tag 'otel.scope.version' is not supported yet; leave it out"],
    ['/api/traces/nothex', {}, 400, 'strconv.ParseUint: parsing "nothex": invalid syntax'],
    [`/api/traces/${'1'.repeat(33)}`, {}, 400, `TraceID cannot be longer than 32 hex characters: ${'1'.repeat(33)}`],
    ['/api/traces/dead', {}, 404, 'trace not found'],
    ['/api/dependencies', { endTs: 'x' }, 400, 'unable to parse param \'endTs\': strconv.ParseInt: parsing "x": invalid syntax'],
    ['/api/metrics/calls', {}, 501, 'metrics querying is currently disabled; ask /prometheus/api/v1/query for rates and latencies'],
    ['/api/nothing', {}, 404, "Jaeger's API has no GET /api/nothing here"],
  ];
  for (const [path, params, status, message] of refused) {
    it(`refuses ${path.slice(0, 40)} ${JSON.stringify(params)}`, async () => {
      const answer = await get(path, params);
      assert.deepEqual(answer.body, { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: status, msg: message }] });
      assert.equal(answer.status, status);
      assert.equal(answer.type, 'text/plain; charset=utf-8');
    });
  }

  it('answers absurd times with nothing', async () => {
    assert.deepEqual((await get('/api/traces', { service: 'storefront', start: '-9000000000000', end: '-1' })).traces, []);
    assert.equal((await get('/api/traces', { service: 'storefront', start: '0', end: '9000000000000000000' })).traces.length, 2);
  });

  it('draws dependencies', async () => {
    const params = { endTs: String(Math.ceil(START_US / 1000) + 60_000), lookback: '3600000' };
    const links = [{ parent: 'orders', child: 'payments', callCount: 1 }, { parent: 'storefront', child: 'orders', callCount: 1 }];
    const { data } = (await get('/api/dependencies', params)).body;
    assert.deepEqual((data as { parent: string }[]).sort((a, b) => (a.parent < b.parent ? -1 : 1)), links);
    assert.deepEqual((await get('/api/dependencies', { ...params, service: 'payments' })).body.data, links.slice(0, 1));
  });

  it('keeps tenants apart', async () => {
    const response = await app.inject({ url: '/api/services', headers: { 'x-scope-orgid': 'other' } });
    assert.deepEqual(response.json<JaegerResponse>().data, []);
  });

  it('answers API v3', async () => {
    const v3 = async (path: string, params: Record<string, string> = {}) => {
      const response = await app.inject({ url: `/api/v3${path}?${new URLSearchParams(params).toString()}` });
      return { status: response.statusCode, body: response.json<{ result?: { resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[] }; error?: object; services?: string[]; operations?: object[] }>() };
    };
    assert.deepEqual((await v3('/services')).body, { services: ['orders', 'payments', 'storefront'] });
    assert.deepEqual((await v3('/operations', { service: 'orders' })).body, { operations: [{ name: 'orders.Orders/Place', spanKind: 'client' }] });
    const trace = await v3(`/traces/${FAILED_TRACE}`);
    assert.equal(trace.body.result?.resourceSpans.length, 3);
    assert.equal(trace.body.result.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.traceId, FAILED_TRACE);
    const range = { 'query.start_time_min': '2026-01-01T00:00:00Z', 'query.start_time_max': '2026-01-03T00:00:00.5+01:00' };
    assert.equal((await v3('/traces', { ...range, 'query.service_name': 'storefront' })).body.result?.resourceSpans.length, 4);
    assert.deepEqual(await v3('/traces', { ...range, 'query.service_name': 'none' }), { status: 404, body: { error: { httpCode: 404, message: 'No traces found' } } });
    assert.deepEqual(await v3('/traces'), { status: 400, body: { error: { httpCode: 400, message: 'query.start_time_min and query.start_time_max are required' } } });
    assert.deepEqual(await v3('/traces', { ...range, 'query.duration_min': 'x' }), { status: 400, body: { error: { httpCode: 400, message: 'malformed parameter query.duration_min: time: invalid duration "x"' } } });
    assert.deepEqual(await v3('/traces/xyz'), { status: 400, body: { error: { httpCode: 400, message: 'malformed parameter trace_id: strconv.ParseUint: parsing "xyz": invalid syntax' } } });
  });
});
