import assert from 'node:assert/strict';
import { labelsOf } from '../../labels/labels.js';
import { MemorySeries } from '../../memory/series.js';
import { PromQLExecutionError } from '../error.js';
import { formatValue } from '../numbers/number-text.js';
import { parsePromQL } from '../parsing/parse.js';
import { STALE_NAN } from '../numbers/stale.js';
import { Engine } from './engine.js';
import { labelsText } from './values/labels.js';

const TENANT = 'shop';
const MINUTE = 60_000;

/** One sample a minute from 0; null is a gap. */
function fill(series: MemorySeries, name: string, labels: Record<string, string>, values: readonly (number | null)[]): void {
  const samples = values.flatMap((value, i) => (value === null ? [] : [{ timeMs: i * MINUTE, value }]));
  series.set(TENANT, labelsOf([['__name__', name], ...Object.entries(labels)]), samples);
}

function upTo(count: number, of: (i: number) => number): number[] {
  return Array.from({ length: count + 1 }, (_, i) => of(i));
}

function shop(): MemorySeries {
  const series = new MemorySeries();
  fill(series, 'orders_total', { shop: 'north', kind: 'tea' }, upTo(20, (i) => i * 6));
  fill(series, 'orders_total', { shop: 'north', kind: 'jam' }, upTo(20, (i) => i * 12));
  fill(series, 'orders_total', { shop: 'south', kind: 'tea' }, [0, 10, 20, 5, 15, ...Array<number>(16).fill(15)]);
  fill(series, 'stock', { shop: 'north' }, upTo(20, (i) => 100 - i));
  fill(series, 'stock', { shop: 'south' }, [7, null, NaN, 3, -3]);
  fill(series, 'closing', {}, [1, STALE_NAN, 2]);
  fill(series, 'shop_info', { shop: 'north', city: 'Kraków' }, upTo(20, () => 1));
  fill(series, 'shop_info', { shop: 'south', city: 'Łódź' }, upTo(20, () => 1));
  for (const [le, share] of [['0.1', 2], ['0.5', 6], ['1', 8], ['+Inf', 10]] as const) fill(series, 'wait_bucket', { le }, upTo(20, (i) => i * share));
  return series;
}

describe('the PromQL engine', () => {
  const engine = new Engine(shop());
  const context = { tenant: TENANT, signal: new AbortController().signal };

  async function at(minutes: number, query: string): Promise<string[]> {
    const { result } = await engine.instant(context, query, parsePromQL(query), minutes * MINUTE);
    if (result.type === 'scalar') return [formatValue(result.value)];
    if (result.type === 'string') return [result.value];
    return result.series.map(({ labels, values }) => `${labelsText(labels)} ${Array.from(values, (value) => formatValue(Number(value.toPrecision(10)))).join(' ')}`);
  }

  const answered: readonly [minutes: number, query: string, expected: string[]][] = [
    // selectors
    [4, 'stock', ['{__name__="stock", shop="north"} 96', '{__name__="stock", shop="south"} -3']],
    [2, 'stock{shop="south"}', ['{__name__="stock", shop="south"} NaN']],
    [8, 'stock{shop="south"}', ['{__name__="stock", shop="south"} -3']],
    [9, 'stock{shop="south"}', []],
    [1, 'closing', []],
    [2, 'closing', ['{__name__="closing"} 2']],
    [10, 'stock{shop!="south",shop=~".*th"} offset 5m', ['{__name__="stock", shop="north"} 95']],
    [10, 'stock{shop="north"} @ 120 + stock{shop="north"} offset -1m', ['{shop="north"} 187']],
    [10, 'stock{shop="north"} @ end()', ['{__name__="stock", shop="north"} 90']],
    [4, 'stock{shop="south"}[3m]', ['{__name__="stock", shop="south"} NaN 3 -3']],
    // functions over a range
    [10, 'rate(orders_total{shop="north"}[5m]) * 60', ['{kind="jam", shop="north"} 12', '{kind="tea", shop="north"} 6']],
    [4, 'increase(orders_total{shop="south"}[5m])', ['{kind="tea", shop="south"} 35']],
    [4, 'resets(orders_total{shop="south"}[5m]) + changes(orders_total{shop="south"}[5m])', ['{kind="tea", shop="south"} 5']],
    [4, 'irate(orders_total{shop="south"}[5m]) * 60', ['{kind="tea", shop="south"} 10']],
    [3, 'irate(orders_total{shop="south"}[5m]) * 60', ['{kind="tea", shop="south"} 5']],
    [10, 'idelta(stock{shop="north"}[5m])', ['{shop="north"} -1']],
    [10, 'delta(stock{shop="north"}[5m])', ['{shop="north"} -5']],
    [10, 'deriv(stock{shop="north"}[5m]) * 60', ['{shop="north"} -1']],
    [10, 'predict_linear(stock{shop="north"}[5m], 3600)', ['{shop="north"} 30']],
    [10, 'sum_over_time(stock{shop="north"}[3m])', ['{shop="north"} 273']],
    [10, 'avg_over_time(stock{shop="north"}[3m]) - min_over_time(stock{shop="north"}[3m])', ['{shop="north"} 1']],
    [4, 'max_over_time(stock{shop="south"}[10m])', ['{shop="south"} 7']],
    [4, 'count_over_time(stock{shop="south"}[10m])', ['{shop="south"} 4']],
    [10, 'quantile_over_time(0.5, stock{shop="north"}[5m])', ['{shop="north"} 92']],
    [10, 'stddev_over_time(stock{shop="north"}[3m]) ^ 2 - stdvar_over_time(stock{shop="north"}[3m])', ['{shop="north"} 0']],
    [10, 'last_over_time(stock{shop="north"}[3m])', ['{__name__="stock", shop="north"} 90']],
    [2, 'present_over_time(closing[1m])', ['{} 1']],
    [10, 'absent_over_time(nothing{shop="west"}[5m])', ['{shop="west"} 1']],
    [10, 'max_over_time(rate(orders_total{kind="jam"}[2m])[5m:1m]) * 60', ['{kind="jam", shop="north"} 12']],
    // functions of a vector
    [4, 'abs(stock{shop="south"})', ['{shop="south"} 3']],
    [4, 'clamp(stock, 0, 50)', ['{shop="north"} 50', '{shop="south"} 0']],
    [4, 'clamp(stock, 5, 1)', []],
    [4, 'round(vector(2.55), 0.5)', ['{} 2.5']],
    [4, 'sgn(stock)', ['{shop="north"} 1', '{shop="south"} -1']],
    [4, 'absent(nothing{a="b",c!="d"})', ['{a="b"} 1']],
    [4, 'absent(stock)', []],
    [4, 'scalar(stock{shop="north"}) + scalar(stock)', ['NaN']],
    [4, 'vector(time()) + vector(pi())', ['{} 243.1415927']],
    [4, 'timestamp(stock{shop="north"} offset 1m)', ['{shop="north"} 180']],
    [0, 'day_of_week() + hour() + year()', ['{} 1974']],
    [0, 'days_in_month(vector(1709164800))', ['{} 29']],
    [4, 'sort(stock)', ['{__name__="stock", shop="south"} -3', '{__name__="stock", shop="north"} 96']],
    [2, 'sort_desc(stock)', ['{__name__="stock", shop="north"} 98', '{__name__="stock", shop="south"} NaN']],
    [4, 'label_replace(stock, "side", "$1-${2}", "shop", "(.)(.*)")', ['{__name__="stock", shop="north", side="n-orth"} 96', '{__name__="stock", shop="south", side="s-outh"} -3']],
    [4, 'label_join(stock{shop="north"}, "all", "/", "shop", "none", "shop")', ['{__name__="stock", all="north//north", shop="north"} 96']],
    [10, 'histogram_quantile(0.5, rate(wait_bucket[5m]))', ['{} 0.4']],
    [10, 'histogram_quantile(0.95, wait_bucket)', ['{} 1']],
    [10, 'histogram_fraction(0, 0.5, wait_bucket)', ['{} 0.6']],
    // aggregations
    [10, 'sum by (shop) (orders_total)', ['{shop="north"} 180', '{shop="south"} 15']],
    [10, 'sum without (kind) (orders_total{shop="north"})', ['{shop="north"} 180']],
    [10, 'avg(orders_total) + count(orders_total)', ['{} 68']],
    [4, 'min(stock) + max(stock)', ['{} 93']],
    [2, 'max(stock)', ['{} 98']],
    [10, 'group by (kind) (orders_total)', ['{kind="jam"} 1', '{kind="tea"} 1']],
    [10, 'stddev(orders_total{shop="north"})', ['{} 30']],
    [10, 'stdvar(orders_total{shop="north"})', ['{} 900']],
    [10, 'quantile(0.5, orders_total)', ['{} 60']],
    [10, 'topk(2, orders_total)', ['{__name__="orders_total", kind="jam", shop="north"} 120', '{__name__="orders_total", kind="tea", shop="north"} 60']],
    [10, 'bottomk by (shop) (1, orders_total)', ['{__name__="orders_total", kind="tea", shop="north"} 60', '{__name__="orders_total", kind="tea", shop="south"} 15']],
    [10, 'count_values("value", shop_info)', ['{value="1"} 2']],
    // operators
    [10, 'orders_total / ignoring(kind) group_left stock', ['{kind="jam", shop="north"} 1.333333333', '{kind="tea", shop="north"} 0.6666666667']],
    [10, 'sum by (shop) (orders_total) * on (shop) group_right (city) shop_info', ['{shop="north"} 180', '{shop="south"} 15']],
    [10, 'sum by (shop) (orders_total) * on (shop) group_left (city) shop_info', ['{city="Kraków", shop="north"} 180', '{city="Łódź", shop="south"} 15']],
    [10, 'orders_total > 15', ['{__name__="orders_total", kind="jam", shop="north"} 120', '{__name__="orders_total", kind="tea", shop="north"} 60']],
    [10, '15 < bool orders_total{kind="tea"}', ['{kind="tea", shop="north"} 1', '{kind="tea", shop="south"} 0']],
    [10, '20 > orders_total', ['{__name__="orders_total", kind="tea", shop="south"} 15']],
    [10, 'shop_info and on (shop) stock', ['{__name__="shop_info", city="Kraków", shop="north"} 1']],
    [10, 'shop_info unless on (shop) stock', ['{__name__="shop_info", city="Łódź", shop="south"} 1']],
    [10, 'stock or on (shop) shop_info', ['{__name__="stock", shop="north"} 90', '{__name__="shop_info", city="Łódź", shop="south"} 1']],
    [10, '-stock ^ 2', ['{shop="north"} -8100']],
    [0, '7 % 3 + 2 ^ 3 ^ 2 - -1', ['514']],
    [0, '1 / 0 == bool Inf', ['1']],
  ];
  for (const [minutes, query, expected] of answered) {
    it(`at ${minutes} min: ${query}`, async () => { assert.deepEqual(await at(minutes, query), expected); });
  }

  const failing: readonly [query: string, message: RegExp][] = [
    ['stock * on () group_left shop_info', /^found duplicate series for the match group \{\} on the right hand-side of the operation: \[\{__name__="shop_info", city="Kraków".*many-to-many matching not allowed/],
    ['orders_total * on (shop) stock', /^multiple matches for labels: many-to-one matching must be explicit \(group_left\/group_right\)$/],
    ['sum by (shop, kind) (orders_total) * on (shop) group_left (kind) sum by (shop) (orders_total)', /^multiple matches for labels: grouping labels must ensure unique matches$/],
    ['label_replace(stock, "shop", "x", "", "") + 0', /^vector cannot contain metrics with the same labelset$/],
    ['double_exponential_smoothing(stock[5m], 2, 0.5)', /^invalid smoothing factor/],
    ['sum_over_time(stock[5m] anchored)', /^anchored modifier can only be used with: changes, delta, increase, rate, resets - not with sum_over_time$/],
  ];
  for (const [query, message] of failing) {
    it(`fails on ${query}`, () => assert.rejects(at(4, query), (error: unknown) => {
      assert.ok(error instanceof PromQLExecutionError);
      assert.match(error.message, message);
      return true;
    }));
  }

  it('evaluates a range as it does each of its points', async () => {
    for (const query of ['sum by (shop) (rate(orders_total[5m]))', 'stock > 95 or shop_info', 'max_over_time(stock[3m:30s] offset 1m)', 'topk(1, orders_total)', 'histogram_quantile(0.9, rate(wait_bucket[4m]))', 'absent(stock{shop="south"})', 'time() % 7']) {
      const expr = parsePromQL(query);
      const { result } = await engine.range(context, query, expr, MINUTE, 15 * MINUTE, 30_000);
      assert.equal(result.type, 'matrix');
      const points = new Map<number, string[]>();
      if (result.type === 'matrix') for (const { labels, timesMs, values } of result.series) timesMs.forEach((time, i) => points.set(time, [...points.get(time) ?? [], `${labelsText(labels)} ${values[i]}`]));
      for (let time = MINUTE; time <= 15 * MINUTE; time += 30_000) {
        const { result: single } = await engine.instant(context, query, expr, time);
        const expected = single.type === 'vector' ? single.series.map(({ labels, values }) => `${labelsText(labels)} ${values[0]}`) : single.type === 'scalar' ? [`{} ${single.value}`] : [];
        assert.deepEqual((points.get(time) ?? []).sort(), expected.sort(), `${query} at ${time}`);
      }
    }
  });

  it('knows the ends of a range', async () => {
    const query = 'stock{shop="north"} @ start() - stock{shop="north"} @ end()';
    const { result } = await engine.range(context, query, parsePromQL(query), 0, 4 * MINUTE, 2 * MINUTE);
    assert.deepEqual(result.type === 'matrix' && result.series.map(({ values }) => [...values]), [[4, 4, 4]]);
  });

  it('stops when it is aborted, and lets others run meanwhile', async () => {
    const large = new MemorySeries();
    for (let i = 0; i < 300; i++) fill(large, 'x_total', { i: String(i) }, upTo(500, (minute) => minute * i));
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => { if (++turns === 3) controller.abort(new Error('gone')); }, 1);
    const query = 'sum(rate(x_total[1h])) + sum(rate(x_total[2h])) + sum(rate(x_total[3h])) + sum(max_over_time(x_total[6h]))';
    await assert.rejects(new Engine(large).range({ tenant: TENANT, signal: controller.signal }, query, parsePromQL(query), 0, 500 * MINUTE, 10_000), /gone/);
    clearInterval(timer);
  });
});
