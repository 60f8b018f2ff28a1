import assert from 'node:assert/strict';
import { bothSides } from '../../sidebyside/both-sides.js';
import { difference } from '../../sidebyside/equal-answers.js';
import type { ApiAnswer } from '../../sidebyside/sides.js';
import type { PointSeries } from '../../sidebyside/write-request.js';

type Params = Record<string, string> | readonly (readonly [string, string])[];

const START_MS = Date.now() - 30 * 60_000;
const T0 = START_MS / 1000;

/** Two counters, a gauge that goes stale, a classic and a native histogram, names of other alphabets. */
function data(): PointSeries[] {
  const grid = Array.from({ length: 61 }, (_, i) => START_MS + i * 15_000);
  const labels = (values: Record<string, string>) => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...['api', 'web'].map((job, j) => ({ labels: labels({ __name__: 'requests_total', job, instance: `h${j}` }), points: grid.map((timeMs, i) => ({ timeMs, value: i * (j + 3) })) })),
    { labels: labels({ __name__: 'temp', room: 'żółty' }), points: grid.map((timeMs, i) => ({ timeMs, value: i === 40 ? 'stale' as const : Math.sin(i) })).slice(0, 41) },
    { labels: labels({ __name__: 'http.server.duration', 'service.name': 'a b' }), points: grid.map((timeMs, i) => ({ timeMs, value: i / 7 })) },
    ...['0.1', '1', '+Inf'].map((le, j) => ({ labels: labels({ __name__: 'latency_bucket', le }), points: grid.map((timeMs, i) => ({ timeMs, value: i * (j + 1) })) })),
    {
      labels: labels({ __name__: 'native_seconds', job: 'api' }),
      points: grid.map((timeMs, i) => ({
        timeMs, value: {
          schema: 3, zeroThreshold: 0.001, zeroCount: i, count: 8 * i + 8, sum: 1.5 * i, customBounds: null, counterReset: 'unknown' as const,
          positive: { offsets: Int32Array.of(-3, 0, 1, 5), counts: Float64Array.of(i + 1, 2 * i + 1, i + 3, i + 1) }, negative: { offsets: Int32Array.of(0, 2), counts: Float64Array.of(i + 1, i + 1) },
        },
      })),
    },
  ];
}

describe('integration: the Prometheus API beside Prometheus itself', function sideBySide() {
  this.timeout(240_000);
  const sides = bothSides({ data: data() });

  const both = async (path: string, params: Params, init: RequestInit = {}) => Promise.all([sides.theirs.ask(path, params, init), sides.ours.side.ask(path, params, init)]);

  const at = (seconds: number): string => String(T0 + seconds);
  const AT = at(600);

  /** Answers that are the same text, but for what is unordered in JSON. */
  const alike: readonly [path: string, params: Params][] = [
    ...[
      'requests_total', 'rate(requests_total[5m])', 'sum by (job) (rate(requests_total{instance=~"h.*"}[5m] offset 1m))', 'a + on (x) group_left (y) b', 'a and ignoring (z) b', '1 + 2', '-a', '-1', '+1',
      '2 ^ -(3 + a)', 'topk(3, a)', 'quantile without (x, y) (0.9, a)', 'count_values("v", a)', 'max_over_time(a[1h:5m] @ start())', 'a @ 100 offset -5m', 'a @ end()', '"text"', '((a))', 'time()',
      'label_replace(a, "x", "$1", "y", "(.*)")', 'label_join(a, "x", ",", "y", "z")', '{"http.server.duration", "service.name"="a b"}', '{__name__=~"x.*", job!="", i!~"q|w"}', 'a > bool 3', 'vector(1) == 2',
      'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))', 'absent(a)', 'round(a)', 'a * on () group_right () b', 'hour()', '5m', '0x1F', '1e30', 'Inf', 'NaN', 'a unless b or c', 'sum(a) / count(b) ',
      'avg by (a, "b.c") (x)', 'a[5m]', 'a[5m:]', '(a + b)[5m:1m]', 'sum without () (a)', 'a{}', '{job="a"}', 'start()', 'limitk(2, a)', 'sort_by_label(a, "x")', 'info(a)', 'info(a, {x="y"})', 'a[5m+1m] offset (1m*2)', 'a[step()]', 'a offset -step()', 'a[max_of(5m, step())]', 'a[(5m+1m)/2:30s-10s]', 'rate(a[5m] anchored)', 'a smoothed', 'a + fill(0) b', 'a + fill_left(1) fill_right(-2.5) b', 'a offset -(5m)', 'a[-(-5m)]',
    ].flatMap((query): [string, Params][] => [['api/v1/parse_query', { query }], ['api/v1/format_query', { query }]]),
    ...[
      'a - ignoring () group_left () b', 'a + on () group_left () scalar(b)', 'a[((5m))]', 'a[(((step())))]', 'a offset +(step() + 1m)', 'a offset +step()', 'a offset +max_of(1m, 2m)', 'a offset --5m', 'a[- -5m]',
      '"\\a\\b\\f\\v\\u00a0\\u200b\\U0001F600é\\\\"', `sum_over_time(sum_over_time(sum_over_time(a_metric_with_a_long_name{job="1"}[20s])[20s:10s] offset 10s)[100s:25s] @ 1000)`,
      `((((label_one_of_many + label_two_of_many + label_three_of_many + label_four_of_many + label_five_of_many))))`, `sum(a{job="${'ż'.repeat(50)}"})`,
      `topk(3, sum by (job) (rate(a_metric_with_a_long_name{job="1"}[20s])) > bool on (job) group_left (x) fill_left (3) -(max without (instance) (another_metric_with_a_long_name)))`,
      `-(a_metric_with_a_long_name{job="1"} offset 5m + another_metric_with_a_long_name{job="1"} @ end() + a_third_metric_with_a_long_name)`,
    ].flatMap((query): [string, Params][] => [['api/v1/parse_query', { query }], ['api/v1/format_query', { query }]]),
    ['api/v1/format_query', { query: `sum by (job, instance, and_one_more_label) (rate(http_requests_total{job="a", instance="b", code=~"5.."}[5m])) / ignoring (x) group_left (y) sum(rate(http_requests_total{job="a"}[5m]))` }],
    ...['labels', 'label/job/values', 'label/__name__/values', 'label/U__service_2e_name/values', 'label/U__service_2e/values', 'label/nothing/values', 'label/service.name/values'].flatMap((path): [string, Params][] => [
      [`api/v1/${path}`, {}], [`api/v1/${path}`, { start: at(0), end: at(60) }], [`api/v1/${path}`, { start: at(-7200), end: at(-3600) }], [`api/v1/${path}`, { limit: '-1' }],
      [`api/v1/${path}`, [['match[]', 'requests_total'], ['match[]', '{room!=""}']]], [`api/v1/${path}`, { 'match[]': '{}' }], [`api/v1/${path}`, { 'match[]': 'x{' }], [`api/v1/${path}`, { start: 'x' }],
      [`api/v1/${path}`, { 'match[]': '{job=~".*"}' }], [`api/v1/${path}`, { 'match[]': 'sum(x)' }], [`api/v1/${path}`, { 'match[]': '"x"' }], [`api/v1/${path}`, { 'match[]': '' }],
    ]),
    ['api/v1/series', { 'match[]': '{job=~".+"}' }], ['api/v1/series', {}], ['api/v1/series', { 'match[]': '{}' }], ['api/v1/series', { 'match[]': 'x[5m]' }], ['api/v1/series', { 'match[]': '1' }],
    ['api/v1/series', { 'match[]': '{"http.server.duration"}' }], ['api/v1/series', { 'match[]': 'requests_total', start: '1', end: '2' }], ['api/v1/series', { 'match[]': 'x offset 5m' }],
    ['api/v1/query', { query: 'requests_total', time: AT }], ['api/v1/query', { query: 'native_seconds', time: AT }], ['api/v1/query', { query: 'native_seconds[1m]', time: AT }],
    ['api/v1/query_range', { query: 'native_seconds', start: at(0), end: at(60), step: '15' }], ['api/v1/query_range', { query: '{"http.server.duration"}', start: at(0), end: at(60), step: '7.5' }],
    ['api/v1/query', { query: 'temp', time: AT }], ['api/v1/query', { query: 'temp', time: at(601) }], ['api/v1/query', { query: '1.5', time: '-1.5' }], ['api/v1/query', { query: '"x"', time: '2020-01-01T00:00:00.123Z' }],
    ['api/v1/query', { query: 'requests_total', time: AT, limit: '1' }], ['api/v1/query', { query: 'requests_total', time: AT, lookback_delta: '1s' }], ['api/v1/query', { query: 'requests_total[1m]', time: AT, limit: '1' }],
    ['api/v1/query', {}], ['api/v1/query', { query: 'up{' }], ['api/v1/query', { query: '"abc' }], ['api/v1/query', { query: "'abc" }], ['api/v1/query', { query: '`abc' }], ['api/v1/query', { query: 'żółw' }], ['api/v1/query', { query: 'up{żółw="1"}' }],
    ['api/v1/query', { query: '日本語 + 1' }], ['api/v1/query', { query: 'up{a="\\x"}' }], ['api/v1/query', { query: 'up[5m' }], ['api/v1/query', { query: '1 +' }], ['api/v1/query', { query: 'foo(1)' }], ['api/v1/query', { query: 'sum(1)' }],
    ['api/v1/query', { query: 'rate(up)' }], ['api/v1/query', { query: 'up{a=~"("}' }], ['api/v1/query', { query: '{}' }], ['api/v1/query', { query: '{a=""}' }], ['api/v1/query', { query: 'up offset' }], ['api/v1/query', { query: 'a @ x' }],
    ['api/v1/query', { query: '1', time: 'x' }], ['api/v1/query', { query: '1', time: '2020-01-01' }], ['api/v1/query', { query: '1', timeout: 'x' }], ['api/v1/query', { query: '1', limit: 'x' }], ['api/v1/query', { query: '1', lookback_delta: 'x' }],
    ['api/v1/query', { query: 'requests_total * on() requests_total', time: AT }], ['api/v1/query', { query: 'label_replace(temp, "a", "b", "c", "(")', time: AT }], ['api/v1/query', { query: 'quantile(2, requests_total)', time: AT }],
    ['api/v1/query', { query: 'rate(temp[5m])', time: at(300) }], ['api/v1/query', { query: 'requests_total + on() group_left() requests_total', time: AT }],
    ['api/v1/query', { query: `${'('.repeat(1000)}1${')'.repeat(1000)}`, time: '0' }], ['api/v1/query', { query: '('.repeat(1000) }], ['api/v1/query', { query: '{__name__=~".+"}', time: AT }], ['api/v1/labels', { 'match[]': 'x )' }], ['api/v1/labels', { 'match[]': 'x}' }], ['api/v1/labels', { 'match[]': '5m' }], ['api/v1/labels', { 'match[]': 'NaN' }],
    ...['x y', '{a="b"} z', 'x,y', '{a="b"', '{', 'by', 'sum', '-x', '(a)', 'start()', 'x{a="b"}[5m', 'x @ 5', 'żółw', '日本{a="b"}', 'on{a="b"}', 'ignoring', 'bool', 'AND', 'offset', 'requests_total{__name__="temp"}', '{"temp","requests_total"}', 'x{a} 1', 'x{a="b" c} 1', '{a=~"("} 1', 'x 1234567890123'].map((text): [string, Params] => ['api/v1/series', { 'match[]': text }]),
    ['api/v1/query', { query: '1', stats: 'x', time: '0' }],
    // Beyond some 292 years from 1970 the times of queries overflow there.
    ...['1e30', 'NaN', '-Inf', '1_000', '0x1p10', '+5', '-1.5e3'].map((time): [string, Params] => ['api/v1/query', { query: 'time()', time }]),
    ...['1e30', 'NaN', '-Inf', '9223372037', '1e12', '1_000', '9999-12-31T23:59:59Z', '-1.5e3'].flatMap((time): [string, Params][] => [['api/v1/series', { 'match[]': 'temp', start: time }], ['api/v1/labels', { end: time }]]),
    ['api/v1/query', { query: 'requests_total', time: AT, lookback_delta: '-5m' }], ['api/v1/query_range', { query: '1', start: '0', end: '1', step: 'NaN' }],
    ['api/v1/labels', [['match[]', '{}'], ['match[]', 'x{']]], ['api/v1/metadata', { limit: '0' }], ['api/v1/metadata', { limit: '99999999999999999999' }], ['api/v1/status/tsdb', { limit: '99999999999999999999' }], ['api/v1/status/walreplay', {}],
    ['api/v1/targets/metadata', { match_target: 'x{' }], ['api/v1/targets/metadata', { limit: '99999999999999999999' }], ['api/v1/rules', { type: 'ALERT' }], ['api/v1/rules', { 'match[]': '{}' }], ['api/v1/rules', { exclude_alerts: 'x' }],
    ['api/v1/rules', { exclude_alerts: 'T' }], ['api/v1/rules', { group_limit: 'x' }], ['api/v1/rules', { group_limit: '0' }], ['api/v1/rules', { group_next_token: 'x' }], ['api/v1/rules', { group_limit: '1', group_next_token: 'x' }],
    ['api/v1/query_range', { query: '1' }], ['api/v1/query_range', { query: '1', start: '1', end: '2' }], ['api/v1/query_range', { query: '1', start: '2', end: '1', step: '1' }], ['api/v1/query_range', { query: '1', start: '0', end: '1', step: '0' }],
    ['api/v1/query_range', { query: '1', start: '0', end: '31536000', step: '0.000000001' }], ['api/v1/query_range', { query: '1', start: '0', end: '31536000', step: '1ns' }], ['api/v1/query_range', { query: '1', start: '0', end: '1', step: '1e30' }],
    ['api/v1/query_range', { query: 'up[5m]', start: '0', end: '10', step: '5' }], ['api/v1/query_range', { query: '"x"', start: '0', end: '10', step: '5' }], ['api/v1/query_range', { query: '1', start: '-100', end: '-10', step: '50' }],
    ['api/v1/query_range', { query: 'requests_total', start: '-100', end: '-10', step: '50' }], ['api/v1/query_range', { query: '1', start: '0', end: '11001', step: '1' }], ['api/v1/query_range', { query: '1', start: '1960-01-01T00:00:00Z', end: '1960-01-01T00:01:00Z', step: '1m' }],
    ['api/v1/metadata', { limit: 'x' }], ['api/v1/metadata', { limit_per_metric: 'x' }], ['api/v1/query_exemplars', {}], ['api/v1/query_exemplars', { query: 'up', start: '5', end: '1' }], ['api/v1/query_exemplars', { query: '1' }],
    ['api/v1/query_exemplars', { query: 'requests_total' }], ['api/v1/rules', {}], ['api/v1/rules', { type: 'x' }], ['api/v1/alerts', {}], ['api/v1/alertmanagers', {}], ['api/v1/targets', {}], ['api/v1/targets', { state: 'active' }],
    ['api/v1/targets', { state: 'dropped' }], ['api/v1/targets/metadata', {}], ['api/v1/targets/metadata', { limit: 'x' }], ['api/v1/scrape_pools', {}], ['api/v1/status/tsdb', { limit: '0' }], ['api/v1/status/tsdb', { limit: '10001' }],
    ['api/v1/parse_query', { query: '1 +' }], ['api/v1/format_query', {}], ['api/v1/nothing', {}], ['-/healthy', {}], ['-/ready', {}],
    ['federate', {}], ['federate', { 'match[]': 'x{' }], ['federate', { 'match[]': 'sum(x)' }],
  ];
  for (const [path, params] of alike) {
    it(`answers ${path}?${new URLSearchParams(params as Record<string, string>).toString().slice(0, 150)} alike`, async () => {
      const [expected, actual] = await both(path, params);
      const isJson = expected.type.startsWith('application/json');
      const shown = `\nexpected ${expected.code} ${expected.text.slice(0, 1500)}\nactual   ${actual.code} ${actual.text.slice(0, 1500)}`;
      assert.equal(actual.code, expected.code, shown);
      if (!isJson) return assert.equal(actual.text, expected.text, shown);
      const [a, b] = [JSON.parse(expected.text), JSON.parse(actual.text)] as [ApiAnswer, ApiAnswer];
      if (/query(_range)?$/.test(path) && !path.includes('_query') && a.status === 'success') return assert.equal(difference(a, b, false), null, shown);
      return assert.deepEqual(ordered(path, b), ordered(path, a), shown);
    });
  }

  it('has the same fields in what differs in content', async () => {
    for (const path of ['status/runtimeinfo', 'status/buildinfo', 'status/tsdb', 'status/config']) {
      const [expected, actual] = (await both(`api/v1/${path}`, {})).map(({ text }) => Object.keys((JSON.parse(text) as { data: object }).data).sort());
      assert.deepEqual(actual, expected, path);
    }
  });

  it('counts series, names and labels alike in status/tsdb', async () => {
    const [expected, actual] = (await both('api/v1/status/tsdb', {})).map(({ text }) => (JSON.parse(text) as { data: Record<string, { name: string; value: number }[]> & { headStats: object } }).data);
    const list = (stats: readonly { name: string; value: number }[] | undefined) => [...stats ?? []].map(({ name, value }) => `${name} ${value}`).sort();
    assert.deepEqual(list(actual?.['seriesCountByMetricName']), list(expected?.['seriesCountByMetricName']));
    assert.deepEqual(list(actual?.['labelValueCountByLabelName']), list(expected?.['labelValueCountByLabelName']));
    const shown = (data: typeof actual): unknown => {
      const { numSeries, numLabelPairs } = data?.headStats as { numSeries: number; numLabelPairs: number };
      return { numSeries, numLabelPairs, bytes: list(data?.['memoryInBytesByLabelName']), largest: data?.['seriesCountByLabelValuePair']?.map(({ value }) => value) };
    };
    assert.deepEqual(shown(actual), shown(expected));
  });

  it('counts what queries load and read as Prometheus does, by step too', async () => {
    const queries = [
      '1', 'requests_total', 'temp', 'native_seconds', 'sum(requests_total) + on () group_left () count(temp)', 'requests_total offset 2m', 'requests_total @ 0', `requests_total @ ${at(300)}`, 'timestamp(requests_total)', 'nothing',
      'rate(requests_total[5m])', 'rate(requests_total[20s])', 'temp smoothed', 'sum(temp smoothed)', 'topk(pi() + time() * 0, requests_total @ 0)', 'quantile(scalar(sum(temp @ 0)) * 0, temp)', 'sum by (job) (rate(requests_total[2m] @ 0)) + on () group_left () vector(time())', 'sum(rate(native_seconds[2m]))', 'histogram_count(rate(native_seconds[2m]))', 'histogram_avg(native_seconds)', `sum_over_time(requests_total[1m] @ ${at(300)})`, `predict_linear(requests_total[1m] @ ${at(300)}, 60)`,
      'max_over_time(temp[10m] offset -1m)', 'max_over_time(rate(requests_total[1m])[5m:30s])', 'sum_over_time(requests_total[40s:10s])', `sum_over_time(requests_total[5m:1m] @ ${at(300)})`, 'max_over_time(sum_over_time(temp[1m:15s])[2m:30s] offset 30s)', 'absent_over_time(temp[1m])',
      'requests_total and ignoring (x) temp', 'topk(1, requests_total) by (job)', 'label_replace(requests_total, "a", "b", "c", "d")', 'info(requests_total)', 'quantile_over_time(0.5, requests_total[1m])', 'rate(requests_total[1m] anchored)', 'increase(requests_total[1m] smoothed)', 'scalar(temp) + vector(1)',
    ];
    const ranges = [{ start: at(0), end: at(600), step: '30' }, { start: at(100), end: at(700), step: '100' }, { start: at(-100), end: at(120), step: '7' }];
    const samplesOf = ({ text }: { text: string }, query: string): Record<string, unknown> => {
      const { data: answer, error } = JSON.parse(text) as { data?: { stats: { timings: object; samples: Record<string, unknown> } }; error?: string };
      assert.ok(answer !== undefined, `${query}: ${error}`);
      const { peakSamples, ...samples } = answer.stats.samples;
      assert.ok(peakSamples !== undefined && Object.keys(answer.stats.timings).length === 6);
      return samples;
    };
    for (const query of queries) {
      for (const stats of ['true', 'all']) {
        const asks: [string, Record<string, string>][] = [['query', { query, time: at(330) }], ...ranges.map((range): [string, Record<string, string>] => ['query_range', { query, ...range }])];
        for (const [path, params] of asks) {
          const [expected, actual] = (await both(`api/v1/${path}`, { ...params, stats })).map((answer) => samplesOf(answer, query));
          assert.deepEqual(actual, expected, `${path} ${query} ${JSON.stringify(params)}`);
          if (query === 'rate(requests_total[5m])') assert.ok(Number(expected?.['totalQueryableSamples']) > Number(expected?.['samplesRead']) || path === 'query', 'windows overlap');
        }
      }
    }
    for (const query of ['requests_total[1m]', 'native_seconds[1m]', 'requests_total[5m:1m]', 'rate(requests_total[1m])[5m:1m]']) {
      const [expected, actual] = (await both('api/v1/query', { query, time: at(330), stats: 'all' })).map((answer) => samplesOf(answer, query));
      assert.deepEqual(actual, expected, query);
    }
  });

  it('federates as Prometheus does, in each escaping', async () => {
    const now: PointSeries[] = data().map(({ labels, points }) => ({ labels: labels.map(([name, value]) => [name, name === '__name__' ? `now.${value}` : value] as const), points: points.slice(1, 2).map(({ value }) => ({ timeMs: Date.now() - 60_000, value })) }));
    await sides.load(now);
    const nhcb: PointSeries = {
      labels: [['__name__', 'custom']], points: [{
        timeMs: Date.now() - 30_000, value: {
          schema: -53, zeroThreshold: 0, zeroCount: 0, count: 6, sum: 1_234_567, customBounds: Float64Array.of(0.00001, 5, 1e7), counterReset: 'unknown',
          positive: { offsets: Int32Array.of(0, 1, 3), counts: Float64Array.of(1, 2, 3) }, negative: { offsets: new Int32Array(), counts: new Float64Array() },
        },
      }],
    };
    await sides.load([nhcb]);
    for (const escaping of ['', ';escaping=allow-utf-8', ';escaping=underscores', ';escaping=dots', ';escaping=values']) {
      const [expected, actual] = await both('federate', [['match[]', '{__name__=~"now.*"}']], { headers: { accept: `text/plain;version=0.0.4${escaping}` } });
      const lines = (text: string) => text.split('\n').sort();
      assert.deepEqual(lines(actual.text), lines(expected.text), escaping);
      assert.equal(actual.type, expected.type);
      assert.ok(expected.text.length > 500);
    }
    const [expected, actual] = await both('federate', { 'match[]': 'custom' });
    assert.equal(actual.text, expected.text);
    assert.match(expected.text, /custom_bucket/);
  });

  it('refuses other methods as Prometheus does', async () => {
    for (const [method, path] of [['DELETE', 'api/v1/query'], ['PUT', 'api/v1/series'], ['POST', 'api/v1/label/job/values'], ['POST', 'api/v1/metadata'], ['HEAD', 'api/v1/labels'], ['POST', 'api/v1/status/flags'], ['DELETE', 'federate'], ['POST', 'api/v1/nothing']] as const) {
      const [expected, actual] = await both(path, {}, { method });
      assert.deepEqual(actual, expected, `${method} ${path}`);
    }
  });

  it('has the CORS headers and encodings of Prometheus', async () => {
    const [expected, actual] = await Promise.all([sides.theirs, sides.ours.side].map(async ({ url }) => {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent('{job!~"x",__name__=~"requests_total|latency_bucket"}[30m]')}`, { headers: { origin: 'http://localhost:3000', 'accept-encoding': 'gzip' } });
      await response.arrayBuffer();
      return Object.fromEntries(['access-control-allow-headers', 'access-control-allow-methods', 'access-control-expose-headers', 'content-encoding', 'content-type'].map((name) => [name, response.headers.get(name)]));
    }));
    assert.deepEqual(actual, expected);
    const preflight = await fetch(`${sides.ours.side.url}/api/v1/query`, { method: 'OPTIONS', headers: { origin: 'http://localhost:3000' } });
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [204, 'http://localhost:3000']);
  });
});

/** Lists whose order is not defined. */
function ordered(path: string, answer: ApiAnswer): unknown {
  if (!Array.isArray(answer.data) || !path.endsWith('series')) return answer;
  return { ...answer, data: [...answer.data as object[]].sort((a, b) => (JSON.stringify(Object.entries(a).sort()) < JSON.stringify(Object.entries(b).sort()) ? -1 : 1)) };
}
