import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { promtool } from '../../servers/prometheus/start.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { difference } from '../../sidebyside/equal-answers.js';
import type { MemoryAppliance } from '../../sidebyside/memory-appliance.js';
import { startMemoryAppliance } from '../../sidebyside/memory-appliance.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';
import { Side } from '../../sidebyside/sides.js';
import type { Point, PointSeries } from '../../sidebyside/write-request.js';
import { eventually } from '../eventually.js';

const run = promisify(execFile);
const STEP_MS = 15_000;
const POINTS = 300;
const START_MS = Math.floor(Date.now() / STEP_MS) * STEP_MS - POINTS * STEP_MS;

/** Floats of several shapes, so that chunks have deltas of all widths, and native histograms with resets and custom buckets. */
function data(): PointSeries[] {
  const series = (labels: Record<string, string>, value: (i: number) => Point['value'], timeOf = (i: number) => START_MS + i * STEP_MS): PointSeries => ({
    labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), points: Array.from({ length: POINTS }, (_, i) => ({ timeMs: timeOf(i), value: value(i) })),
  });
  const native = (i: number, custom: boolean): Point['value'] => ({
    schema: custom ? -53 : 2, zeroThreshold: custom ? 0 : 2 ** -128, zeroCount: custom ? 0 : i % 50, count: 4 * (i % 50) + (custom ? 0 : i % 50), sum: (i % 50) * 1.25, counterReset: 'unknown',
    customBounds: custom ? Float64Array.of(0.005, 1 / 3, 40_000_000) : null,
    positive: { offsets: Int32Array.of(0, 1, 3), counts: Float64Array.of(i % 50, i % 50, 2 * (i % 50)) }, negative: { offsets: new Int32Array(), counts: new Float64Array() },
  });
  return [
    series({ __name__: 'requests_total', job: 'api' }, (i) => i * 7),
    series({ __name__: 'requests_total', job: 'web' }, (i) => (i % 100) * 3.5),
    series({ __name__: 'noise', room: 'żółty' }, (i) => Math.sin(i * 17) * 10 ** (i % 9)),
    series({ __name__: 'jitter' }, (i) => (i === 77 ? Infinity : i === 78 ? NaN : -i), (i) => START_MS + i * STEP_MS + (i % 7) * 997),
    series({ __name__: 'gone' }, (i) => (i % 60 === 59 ? 'stale' : i)),
    series({ __name__: 'native_seconds', job: 'api' }, (i) => native(i, false)),
    series({ __name__: 'custom_seconds', job: 'api' }, (i) => native(i, true)),
  ];
}

describe('integration: clients of the Prometheus API', function clients() {
  this.timeout(180_000);
  let ours: MemoryAppliance;
  before(async function () {
    requireOwnServer(this, 'prometheus');
    ours = await startMemoryAppliance();
    ours.load(data());
  });
  after(() => ours?.close());

  describe('promtool query', () => {
    const endMs = START_MS + (POINTS - 1) * STEP_MS;
    const tool = async (...args: string[]) => (await run(promtool(), ['query', ...args])).stdout;

    it('instant', async () => {
      assert.match(await tool('instant', ours.side.url, 'requests_total', '--time', String(endMs / 1000)), /^requests_total\{job="api"\} => 2093 @\[\d+(\.\d+)?\]\nrequests_total\{job="web"\} => 346\.5 @/);
    });
    it('range', async () => {
      const json = JSON.parse(await tool('range', ours.side.url, 'sum(rate(requests_total{job="api"}[5m]))', '--start', String(endMs / 1000 - 60), '--end', String(endMs / 1000), '--step', '30s', '-o', 'json')) as { values: [number, string][] }[];
      assert.equal(json[0]?.values.length, 3);
      for (const [, value] of json[0]?.values ?? []) assert.ok(Math.abs(Number(value) - 7 / 15) < 1e-9, value);
    });
    it('series and labels', async () => {
      const around = ['--start', String(START_MS / 1000), '--end', String(endMs / 1000)];
      assert.equal(await tool('series', ours.side.url, '--match', 'requests_total', ...around), '{__name__="requests_total", job="api"}\n{__name__="requests_total", job="web"}\n');
      assert.equal(await tool('labels', ours.side.url, 'job', ...around), 'api\nweb\n');
    });
    it('analyze', async () => {
      const analysis = await tool('analyze', '--server', ours.side.url, '--type', 'histogram', '--match', 'native_seconds', '--time', String(endMs / 1000), '--duration', '30m');
      assert.match(analysis, /native_seconds\{job="api"\} \(native\): 0\/3\.933\/4/);
    });
    it('says errors in its words', async () => {
      await assert.rejects(tool('instant', ours.side.url, 'up{'), /bad_data: invalid parameter "query": 1:4: parse error: unexpected end of input inside braces/);
    });
  });

  it('promtool check finds it healthy and ready', async () => {
    for (const check of ['healthy', 'ready']) assert.match((await run(promtool(), ['check', check, '--url', ours.side.url])).stderr, /SUCCESS/);
  });

  describe('a Prometheus that reads from us', () => {
    let reading: RunningServer;
    let direct: RunningServer;
    after(() => Promise.all([reading?.stop(), direct?.stop()]));

    it('answers what one answers that has the data itself, by chunks', async () => {
      direct = await startWholePrometheus();
      const theirs = new Side('direct', direct.url);
      await theirs.write(data());
      reading = await startWholePrometheus({ config: `global: {scrape_interval: 1h}\nremote_read:\n- url: ${ours.side.url}/api/v1/read\n  read_recent: true\n` });
      const through = new Side('through', reading.url);
      const [start, end] = [String(START_MS / 1000), String(START_MS / 1000 + POINTS * 15)];
      for (const query of [
        'requests_total', 'rate(requests_total[5m])', 'noise', 'jitter', 'gone', 'count_over_time(gone[10m])', 'native_seconds', 'rate(native_seconds[5m])', 'histogram_quantile(0.9, rate(native_seconds[5m]))',
        'custom_seconds', 'histogram_avg(custom_seconds)', '{job=~"a.*"}', 'count by (__name__) ({__name__!=""})', '{job!="api",__name__=~".*total"}',
      ]) {
        const params = { query, start, end, step: '37' };
        const [expected, actual] = await Promise.all([theirs.query('query_range', params), through.query('query_range', params)]);
        assert.equal(difference(expected, actual, false), null, query);
        assert.equal(expected.status, 'success', `${query}: ${expected.error}`);
        assert.ok((expected.data as { result: unknown[] }).result.length > 0, query);
      }
    });
  });

  it('a Prometheus that federates from us has our last samples, native histograms too', async () => {
    const timeMs = Date.now() - 20_000;
    const now: PointSeries[] = ['a', 'b'].map((kind, i) => ({ labels: [['__name__', 'fed_total'], ['instance', `h${i}`], ['kind', kind]], points: [{ timeMs, value: i + 0.5 }] }));
    const histogram = { schema: 2, zeroThreshold: 2 ** -128, zeroCount: 3, count: 15, sum: -1.25, customBounds: null, negative: { offsets: Int32Array.of(-7, -6), counts: Float64Array.of(1, 2) }, positive: { offsets: Int32Array.of(-2, 0, 1, 40), counts: Float64Array.of(4, 3, 1, 1) } };
    const native: PointSeries[] = (['unknown', 'gauge'] as const).map((counterReset) => ({ labels: [['__name__', 'fed_native'], ['instance', 'h0'], ['kind', counterReset]], points: [{ timeMs, value: { ...histogram, counterReset } }] }));
    const custom: PointSeries = {
      labels: [['__name__', 'fed_custom'], ['instance', 'h0']],
      points: [{ timeMs, value: { ...histogram, schema: -53, zeroThreshold: 0, zeroCount: 0, count: 6, counterReset: 'unknown', customBounds: Float64Array.of(0.5, 2, 8), positive: { offsets: Int32Array.of(0, 2, 3), counts: Float64Array.of(1, 2, 3) }, negative: { offsets: new Int32Array(), counts: new Float64Array() } } }],
    };
    ours.load([...now, ...native, custom]);
    const { host } = new URL(ours.side.url);
    const server = await startWholePrometheus({
      config: `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: federate\n  honor_labels: true\n  honor_timestamps: true\n  scrape_native_histograms: true\n  metrics_path: /prometheus/federate\n  params: {'match[]': ['{__name__=~"fed_.*"}']}\n  static_configs: [{targets: ['${host}']}]\n`,
    });
    try {
      const side = new Side('federating', server.url);
      const time = String(timeMs / 1000);
      const found = async (query: string, on = side) => {
        const { data: answer } = await on.query('query', { query, time });
        return (answer as { result: { metric: Record<string, string>; value?: [number, string]; histogram?: [number, object] }[] }).result.map(({ metric, value, histogram: is }) => [{ ...metric, job: 'federate' }, value?.[1] ?? is]);
      };
      await eventually(async () => { assert.equal((await found('fed_total')).length, 2); }, 60_000);
      assert.deepEqual(await found('sort(fed_total)'), [[{ __name__: 'fed_total', instance: 'h0', job: 'federate', kind: 'a' }, '0.5'], [{ __name__: 'fed_total', instance: 'h1', job: 'federate', kind: 'b' }, '1.5']]);
      const expected = await found('sort_by_label(fed_native, "kind")', ours.side);
      assert.equal(expected.filter(([, value]) => typeof value === 'object').length, 2);
      assert.deepEqual(await found('sort_by_label(fed_native, "kind")'), expected);
      const buckets = await found('sort_by_label(fed_custom_bucket, "le")');
      assert.deepEqual(buckets.map(([, value]) => value), ['6', '1', '1', '3'], JSON.stringify(buckets));
    } finally {
      await server.stop();
    }
  });
});
