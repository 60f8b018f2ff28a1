import assert from 'node:assert/strict';
import { bothSides } from '../../sidebyside/both-sides.js';
import { difference } from '../../sidebyside/equal-answers.js';
import { startMemoryAppliance } from '../../sidebyside/memory-appliance.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';
import type { ApiAnswer } from '../../sidebyside/sides.js';
import type { PointSeries } from '../../sidebyside/write-request.js';

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body: unknown;
}

/** What a client, a browser or a cache goes by. */
const HEADERS = ['content-type', 'allow', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-expose-headers'];
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily';
const ORIGIN = { origin: 'http://localhost:3000' };

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Ask => ({ method: 'GET', path, headers });
const post = (path: string, body: string, headers: Readonly<Record<string, string>> = FORM): Ask => ({ method: 'POST', path, headers, body });

const END_MS = Math.floor(Date.now() / 15_000) * 15_000;

function data(): PointSeries[] {
  const grid = Array.from({ length: 41 }, (_, i) => END_MS - (40 - i) * 15_000);
  return ['api', 'web', 'żółw'].flatMap((job, j): PointSeries[] => [
    { labels: [['__name__', 'http_requests_total'], ['instance', `h${j}`], ['job', job]], points: grid.map((timeMs, i) => ({ timeMs, value: i * (j + 1) })) },
    { labels: [['__name__', 'process.cpu.time'], ['job', job], ['service.name', job]], points: grid.map((timeMs, i) => ({ timeMs, value: Math.cos(i) })) },
  ]);
}

describe('integration: requests of every kind beside Prometheus itself', function requests() {
  this.timeout(240_000);
  const sides = bothSides({ data: data() });

  const send = async (base: string, { method, path, headers, body }: Ask): Promise<Answer> => {
    const response = await fetch(`${base}/${path}`, { method, headers, body, redirect: 'manual' });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, headers: Object.fromEntries(HEADERS.map((name) => [name, method === 'HEAD' && name === 'content-type' ? null : response.headers.get(name)])), body: isJson ? JSON.parse(text) : text };
  };
  const both = async (ask: Ask): Promise<[Answer, Answer]> => Promise.all([send(sides.theirs.url, ask), send(sides.ours.side.url, ask)]);
  const shown = ({ method, path, headers, body }: Ask): string => `${method} ${path} ${Object.entries(headers ?? {}).map((pair) => pair.join(': ')).join(', ')} ${(body ?? '').slice(0, 80)}`.trim();

  const PATHS = [
    'api/v1/query', 'api/v1/query_range', 'api/v1/labels', 'api/v1/series', 'api/v1/label/job/values', 'api/v1/metadata', 'api/v1/query_exemplars', 'api/v1/format_query', 'api/v1/parse_query', 'api/v1/rules', 'api/v1/alerts',
    'api/v1/targets', 'api/v1/targets/metadata', 'api/v1/targets/relabel_steps', 'api/v1/scrape_pools', 'api/v1/scrape_pools/config', 'api/v1/alertmanagers', 'api/v1/notifications', 'api/v1/features', 'api/v1/status/flags',
    'api/v1/status/tsdb', 'api/v1/status/tsdb/blocks', 'api/v1/status/walreplay', 'api/v1/status/self_metrics', 'api/v1/admin/tsdb/snapshot', 'api/v1/admin/tsdb/delete_series', 'api/v1/admin/tsdb/clean_tombstones',
    'api/v1/search/metric_names', 'api/v1/search/label_names', 'api/v1/search/label_values', 'api/v1/read', 'api/v1/write', '-/reload', '-/quit', '-/healthy', '-/ready', 'federate', 'version', 'api/v1/nothing', 'nothing',
  ];
  /** Each method of each path that does not answer by what the server is. */
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].flatMap((method) => PATHS.map((path): Ask => ({ method, path, headers: {} })))
    .filter(({ method, path }) => !(method === 'POST' && path === 'api/v1/write') && !(method === 'GET' && ['api/v1/features', 'api/v1/status/flags', 'api/v1/status/self_metrics', 'version', 'api/v1/status/tsdb', 'api/v1/status/tsdb/blocks'].includes(path)));

  const malformed: readonly Ask[] = [
    ...['api/v1/series', 'api/v1/rules', 'federate'].flatMap((path) => [get(`${path}?%zz=1`), get(`${path}?match[]=%e`), get(`${path}?match[]=x;y=1`), get(`${path}?a=%&match[]=up`)]),
    ...['api/v1/query', 'api/v1/labels', 'api/v1/format_query', 'api/v1/query_exemplars'].flatMap((path) => [get(`${path}?query=%zz&time=0`), get(`${path}?query=1;2&time=0`), get(`${path}?query=1&query=2&time=0`), get(`${path}?&&query=1&&time=0`), get(`${path}?query=1+%2B+1&time=0`)]),
    post('api/v1/query', 'query=%zz'), post('api/v1/series', 'match[]=%zz'), post('api/v1/series', 'match[]=x;y'), post('api/v1/query?time=0', 'query=1'), post('api/v1/query?query=2&time=0', 'query=1'),
    post('api/v1/query?time=0', 'query=1', { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }), post('api/v1/query', 'query=1', { 'content-type': 'text/plain' }), post('api/v1/query', '{"query":"1"}', { 'content-type': 'application/json' }),
    ...['query=1', '', '{'].flatMap((body) => ['api/v1/query?query=2&time=0', 'api/v1/labels', 'api/v1/rules'].map((path) => post(path, body, { 'content-type': 'application/json' }))),
    post('api/v1/query?query=1&time=0', 'x', { 'content-type': 'application/octet-stream' }), post('api/v1/query', ''), post('api/v1/query_range', 'query=1&start=0&end=1'),
  ];

  const parameters: readonly Ask[] = [
    ...['-1', '1.5', ' 1', '1e3', '9223372036854775808', '0x1', ''].flatMap((limit) => ['api/v1/labels', 'api/v1/label/job/values', 'api/v1/series?match[]=up', 'api/v1/query?query=1&time=0'].map((path) => get(`${path}${path.includes('?') ? '&' : '?'}limit=${encodeURIComponent(limit)}`))),
    ...['1', '2', '3', '1000'].flatMap((limit) => ['api/v1/labels', 'api/v1/label/job/values', 'api/v1/label/__name__/values', `api/v1/query?query=sort(http_requests_total)&time=${END_MS / 1000}`].map((path) => get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}`))),
    ...['0', '1s', '-1s', '1.5', '1d1h', '1x', '-', '1e400', 'NaN', '5m0s'].map((lookback) => get(`api/v1/query?query=count(http_requests_total)&time=${END_MS / 1000 + 5}&lookback_delta=${lookback}`)),
    // One that is over before it begins is told by Prometheus in two ways, by chance.
    ...['30', '30s', 'x', '1e400', '1h1m', '1 s'].map((timeout) => get(`api/v1/query?query=1&time=0&timeout=${timeout}`)),
    ...['', '0', '-5', '15', '15s', '0.001', '1m30s', '1w', 'x', '1e400', 'Inf', '30ms', '+15', '1_5'].map((step) => get(`api/v1/query_range?query=vector(1)&start=0&end=30&step=${encodeURIComponent(step)}`)),
    ...['', 'x', '0', '1e9', '1970-01-01', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00.5+02:00', '-100000', '1_0', 'Inf'].flatMap((time) => [get(`api/v1/query?query=vector(1)&time=${encodeURIComponent(time === '' ? 'x' : time)}`), get(`api/v1/labels?start=${encodeURIComponent(time)}`), get(`api/v1/query_range?query=1&start=${encodeURIComponent(time)}&end=5&step=100000d`)]),
    ...['1970-01-01t00:00:00Z', '1970-01-01T00:00:00z', '1970-01-01 00:00:00Z', '1970-01-01T00:00:00', '1970-01-01T00:00:00,25Z', '1970-02-30T00:00:00Z', '1e3', '0x10', '-1.0005', '9223372036.854'].map((time) => get(`api/v1/query?query=time()&time=${encodeURIComponent(time)}`)),
    ...['3.3333', '0.25', '1m30s', '0.0015', '1.0005'].map((step) => get(`api/v1/query_range?query=step()&start=0&end=1&step=${step}`)),
    ...['x[1w2d3h4m5s6ms]', 'x[25h]', 'x[8d:1w1h] offset 366d', 'x[1y1w]', 'x[90d]', 'x[10d:36h]'].flatMap((query) => ['format_query', 'parse_query'].map((path) => get(`api/v1/${path}?query=${encodeURIComponent(query)}`))),
    ...['true', 'all', 'x'].map((stats) => get(`api/v1/query?query=nothing&time=0&stats=${stats}`)),
    ...['(', 'a{2000}', '[a', '*'].map((pattern) => get(`api/v1/status/self_metrics?metric_name_pattern=${encodeURIComponent(pattern)}`)),
    get('api/v1/targets/relabel_steps?scrapePool=x'), get('api/v1/targets/relabel_steps?labels={}'), get('api/v1/targets/relabel_steps?scrapePool=x&labels={}'), get('api/v1/scrape_pools/config?scrapePool=a%22b'), get('api/v1/targets?state=ACTIVE'), get('api/v1/targets?state=x&scrapePool=y'),
    get('api/v1/rules?rule_name[]=x&rule_group[]=y&file[]=z'), get('api/v1/rules?exclude_alerts=true&type=record'), get('api/v1/metadata?metric=up&limit=1&limit_per_metric=1'), get('api/v1/metadata?limit=-1'), get('api/v1/metadata?limit_per_metric=x'),
    get('api/v1/label/a%20b/values'), get('api/v1/label/U__a_/values'), get('api/v1/label/U___/values'), get(`api/v1/label/${encodeURIComponent('日本')}/values`), get('api/v1/label/service.name/values'), get('api/v1/label/U__service_2e_name/values'),
  ];

  const headed: readonly Ask[] = ['api/v1/query?query=1&time=0', 'api/v1/query?query=x{', 'api/v1/labels', 'api/v1/status/walreplay', 'api/v1/query_exemplars?query=1', 'api/v1/notifications', '-/healthy'].flatMap((path) => [
    get(path, ORIGIN), get(path, { accept: 'text/html' }), get(path, { accept: 'application/xml;q=1' }), get(path, { accept: '*/*' }), { method: 'OPTIONS', path: path.split('?', 1)[0] ?? '', headers: { ...ORIGIN, 'access-control-request-method': 'POST' } },
  ]);
  const formats: readonly Ask[] = ['', '*/*', 'text/html', 'text/plain;version=1.0.0', 'text/plain;version=0.0.4;q=0.3', 'application/openmetrics-text;version=1.0.0', 'text/plain;version=0.0.4;escaping=x', 'text/*', `${PROTOBUF};encoding=delimited`,
    `${PROTOBUF};encoding=delimited;q=0.3,text/plain;version=0.0.4;q=0.9`, `${PROTOBUF};encoding=delimited;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.2`,
  ].map((accept) => get('federate?match[]=nothing', { accept }));

  for (const [what, asks] of Object.entries({ 'methods of each path': methods, 'malformed forms': malformed, 'parameters, right and wrong': parameters, 'headers': headed, 'formats of federation': formats })) {
    it(`answers ${what} alike (${asks.length})`, async () => {
      for (const ask of asks) {
        const [expected, actual] = await both(ask);
        const isQuery = /^api\/v1\/query(_range)?\?/.test(ask.path) && expected.status === 200;
        if (isQuery) assert.equal(difference(expected.body as ApiAnswer, actual.body as ApiAnswer, false), null, shown(ask));
        else assert.deepEqual(actual, expected, shown(ask));
        assert.deepEqual([actual.status, actual.headers], [expected.status, expected.headers], shown(ask));
      }
    });
  }

  it('has the abilities that it says, under Prometheus\' names', async () => {
    const [expected, actual] = (await both(get('api/v1/features'))).map(({ body }) => (body as { data: Record<string, Record<string, boolean>> }).data);
    for (const group of ['promql', 'promql_functions', 'promql_operators']) assert.deepEqual(actual?.[group], expected?.[group], group);
    for (const [group, switches] of Object.entries(actual ?? {})) for (const name of Object.keys(switches)) assert.ok(expected?.[group]?.[name] !== undefined || group === 'otlp_receiver', `${group} ${name}`);
    const [theirFlags, ourFlags] = (await both(get('api/v1/status/flags'))).map(({ body }) => (body as { data: Record<string, string> }).data);
    for (const name of Object.keys(ourFlags ?? {})) assert.ok(theirFlags?.[name] !== undefined, name);
  });

  it('knows as little as a Prometheus without feature flags where that is wanted', async () => {
    const bare = await startWholePrometheus({ features: ['promql-delayed-name-removal', 'promql-per-step-stats', 'exemplar-storage'] });
    const without = await startMemoryAppliance({}, { experimentalFunctions: false, extendedRangeSelectors: false, fillModifiers: false });
    try {
      for (const query of ['limitk(2, up)', 'limit_ratio(0.5, up)', 'sort_by_label(up, "a")', 'mad_over_time(up[5m])', 'info(up)', 'rate(up[5m] anchored)', 'up smoothed', 'up + fill(0) up', 'up + fill_left(1) up', 'ts_of_max_over_time(up[5m])', 'double_exponential_smoothing(up[5m], 0.5, 0.5)', 'sum(up)', 'max_of(1, 2)']) {
        for (const path of ['query', 'parse_query', 'query_exemplars']) {
          const [expected, actual] = await Promise.all([bare.url, without.side.url].map((url) => send(url, get(`api/v1/${path}?time=0&query=${encodeURIComponent(query)}`))));
          assert.deepEqual(actual, expected, `${path} ${query}`);
        }
      }
      const [expected, actual] = (await Promise.all([bare.url, without.side.url].map((url) => send(url, get('api/v1/features'))))).map(({ body }) => (body as { data: Record<string, Record<string, boolean>> }).data);
      for (const group of ['promql_functions', 'promql']) assert.deepEqual(actual?.[group], expected?.[group], group);
    } finally {
      await without.close();
      await bare.kill();
    }
  });

  it('answers what Grafana\'s data source asks', async () => {
    const [start, end] = [String(END_MS / 1000 - 600), String(END_MS / 1000)];
    const around = `start=${start}&end=${end}`;
    const form = (params: Record<string, string>): string => new URLSearchParams(params).toString();
    const range = (query: string, step: string) => post('api/v1/query_range', form({ query, start, end, step }));
    const asked: readonly Ask[] = [
      get('api/v1/query?query=1%2B1&time=4'), post('api/v1/query', form({ query: '1+1', time: '4' })), post('api/v1/query', form({ query: 'sum by (job) (http_requests_total)', time: (END_MS / 1000).toFixed(3) })),
      range('rate(http_requests_total{job=~"api|web"}[1m])', '15'), range('sum(rate(http_requests_total[2m15s])) by (job)', '0.5'), range('{"process.cpu.time"}', '37.5'), range('ALERTS', '60'), range('http_requests_total / on (job) group_left () count by (job) (up)', '15s'),
      range('histogram_quantile(0.95, sum by (le) (rate(nothing_bucket[5m])))', '15'), range('label_replace(http_requests_total, "x", "$1", "job", "(.).*")', '1m'), range('rate(http_requests_total[', '15'), post('api/v1/query_exemplars', form({ query: 'http_requests_total', start, end })),
      get(`api/v1/labels?${around}`), post('api/v1/labels', form({ start, end, limit: '40000' })), post('api/v1/labels', form({ start, end, 'match[]': 'http_requests_total{job="api"}', limit: '40000' })), get(`api/v1/labels?${around}&match[]=${encodeURIComponent('{__name__="http_requests_total"}')}`),
      get(`api/v1/label/__name__/values?${around}&limit=40000`), get(`api/v1/label/__name__/values?${around}&match[]=${encodeURIComponent('{__name__=~".*http.*"}')}`), get(`api/v1/label/job/values?${around}&match[]=${encodeURIComponent('{"process.cpu.time"}')}`), get(`api/v1/label/U__service_2e_name/values?${around}`),
      get(`api/v1/series?${around}&match[]=http_requests_total&limit=40000`), post('api/v1/series', form({ start, end, 'match[]': '{job="żółw"}', limit: '1' })), get('api/v1/metadata?limit=40000&limit_per_metric=1'), get('api/v1/rules'), get('api/v1/rules?type=alert'), get('api/v1/rules?type=record&group_limit=100'), get('api/v1/alerts'),
      post('api/v1/format_query', form({ query: 'sum(rate(http_requests_total[5m]))by(job)' })), post('api/v1/parse_query', form({ query: 'sum(rate(http_requests_total[5m]))by(job)' })),
    ];
    for (const ask of asked) {
      const [expected, actual] = await both({ ...ask, headers: { ...ask.headers, accept: 'application/json, text/plain, */*', 'user-agent': 'Grafana/12.1.0', 'x-datasource-uid': 'x' } });
      assert.deepEqual([actual.status, actual.headers], [expected.status, expected.headers], shown(ask));
      const [a, b] = [expected.body, actual.body] as [ApiAnswer, ApiAnswer];
      if (/query(_range)?$/.test(ask.path.split('?', 1)[0] ?? '') && !ask.path.includes('_query')) assert.equal(difference(a, b, false), null, shown(ask));
      else assert.deepEqual(ask.path.includes('series') ? { ...b, data: sorted(b.data) } : b, ask.path.includes('series') ? { ...a, data: sorted(a.data) } : a, shown(ask));
    }
    const [expected, actual] = (await both(get('api/v1/status/buildinfo'))).map(({ body }) => Object.keys((body as { data: object }).data).sort());
    assert.deepEqual(actual, expected);
  });
});

/** Of one match there is no order, and of a limit any may be left. */
function sorted(list: unknown): unknown {
  return (list as object[]).length === 1 ? 1 : [...list as object[]].map((one) => JSON.stringify(Object.entries(one).sort())).sort();
}
