import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { AnyValue, Attributes } from '../model/attributes.js';
import type { Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, MetricsData, MetricValues, NumberDataPoint } from '../model/metric.js';
import { toPrometheus, type TranslateOptions } from './translate.js';
import type { PrometheusSample } from './types.js';

const MS = 1_000_000n;
const of = (values: Record<string, AnyValue>): Attributes => Object.entries(values).map(([key, value]) => ({ key, value }));
const point = { attributes: of({}), startNs: 500n * MS, timeNs: 1000n * MS, flags: 0, exemplars: [] };
const number = (value: number | bigint | null, more: Partial<NumberDataPoint> = {}): NumberDataPoint => ({ ...point, value, ...more });
const histogram = (more: Partial<HistogramDataPoint>): HistogramDataPoint => ({ ...point, count: 0n, sum: null, min: null, max: null, bucketCounts: [], explicitBounds: [], ...more });
const exponential = (more: Partial<ExponentialHistogramDataPoint>): ExponentialHistogramDataPoint => ({
  ...point, count: 0n, sum: null, min: null, max: null, scale: 0, zeroCount: 0n, zeroThreshold: 0, positive: null, negative: null, ...more,
});
const exemplar = (more: Partial<Exemplar>): Exemplar => ({ filteredAttributes: [], timeNs: 900n * MS, value: 1, traceId: '', spanId: '', ...more });
const metric = (name: string, unit: string, values: MetricValues): Metric => ({ name, description: `about ${name}`, unit, metadata: [], values });
const data = (metrics: Metric[], resource: Record<string, AnyValue> = {}): MetricsData => ({
  resourceMetrics: [{
    resource: { attributes: of(resource), droppedAttributesCount: 0 }, schemaUrl: '',
    scopeMetrics: [{ scope: { name: 'lib', version: '1', attributes: of({ a: 'b' }), droppedAttributesCount: 0 }, schemaUrl: 'url', metrics }],
  }],
});
const text = (sample: PrometheusSample): string => {
  const labels = sample.labels.filter(([name]) => name !== '__name__').map(([name, value]) => `${name}=${value}`);
  return `${sample.labels.find(([name]) => name === '__name__')?.[1]}{${labels.join(',')}} ${sample.stale ? 'stale' : sample.value} @${sample.timeMs}`;
};
const samples = (metrics: MetricsData, options?: TranslateOptions): string[] => toPrometheus(metrics, options).samples.map(text);
const gauge = (...dataPoints: NumberDataPoint[]): MetricValues => ({ type: 'gauge', dataPoints });

describe('prometheus/translate', () => {
  it('translates gauges and sums, integers and doubles', () => {
    const batch = toPrometheus(data([
      metric('cpu', '1', gauge(number(0.25))),
      metric('requests', '', { type: 'sum', temporality: 2, monotonic: true, dataPoints: [number(7n, { attributes: of({ 'http.method': 'GET' }) })] }),
      metric('open', '{connection}', { type: 'sum', temporality: 2, monotonic: false, dataPoints: [number(-3n)] }),
    ]));
    assert.deepEqual(batch.samples.map(text), ['cpu_ratio{} 0.25 @1000', 'requests_total{http_method=GET} 7 @1000', 'open{} -3 @1000']);
    assert.deepEqual(batch.samples.map(({ item, startMs }) => [item, startMs]), [[0, 500], [1, 500], [2, 500]]);
    assert.deepEqual(batch.metadata, [
      { name: 'cpu_ratio', type: 'gauge', help: 'about cpu', unit: '' },
      { name: 'requests_total', type: 'counter', help: 'about requests', unit: '' },
      { name: 'open', type: 'gauge', help: 'about open', unit: '' },
    ]);
    assert.deepEqual(batch.dropped, []);
  });

  it('makes job and instance of the resource, and target_info of the rest of it', () => {
    const resource = { 'service.name': 'shop', 'service.namespace': 'demo', 'service.instance.id': 'i1', 'host.name': 'h' };
    assert.deepEqual(samples(data([metric('m', '', gauge(number(1)))], resource)), [
      'm{instance=i1,job=demo/shop} 1 @1000',
      'target_info{host_name=h,instance=i1,job=demo/shop} 1 @1000',
    ]);
    assert.deepEqual(samples(data([metric('m', '', gauge(number(1)))], resource), { targetInfo: false, promoteResourceAttributes: ['host.name'] }), [
      'm{host_name=h,instance=i1,job=demo/shop} 1 @1000',
    ]);
    const kept = samples(data([metric('m', '', gauge(number(1)))], resource), { keepIdentifyingResourceAttributes: true });
    assert.equal(kept[1], 'target_info{host_name=h,instance=i1,job=demo/shop,service_instance_id=i1,service_name=shop,service_namespace=demo} 1 @1000');
  });

  it('has no target_info without further or without identifying attributes', () => {
    assert.equal(samples(data([metric('m', '', gauge(number(1)))], { 'service.name': 'shop' })).length, 1);
    assert.equal(samples(data([metric('m', '', gauge(number(1)))], { 'host.name': 'h' })).length, 1);
  });

  it('repeats target_info every 2.5 minutes between its points, and not for ever', () => {
    const resource = { 'service.name': 's', 'host.name': 'h' };
    const at = (timeNs: bigint): NumberDataPoint => number(1, { timeNs });
    const targets = (first: bigint, last: bigint): string[] => samples(data([metric('m', '', gauge(at(first), at(last)))], resource)).slice(2).map((line) => line.split('@')[1] ?? '');
    assert.deepEqual(targets(0n, 400_000n * MS), ['0', '150000', '300000', '400000']);
    assert.deepEqual(targets(1n * MS, 18_000_000_000_000n * MS), ['1', '18000000000000']);
  });

  it('joins attributes whose names become the same, and lets job win', () => {
    const attributes = of({ 'a.b': '1', a_b: '2', 'a/b': '3', job: 'mine', empty: '', __name__: 'other' });
    assert.deepEqual(samples(data([metric('m', '', gauge(number(1, { attributes })))], { 'service.name': 's' })), ['m{a_b=1;3;2,job=s} 1 @1000']);
  });

  it('keeps attributes over promoted ones and external labels', () => {
    const options = { promoteAllResourceAttributes: true, externalLabels: { colour: 'external', cluster: 'c' }, targetInfo: false };
    assert.deepEqual(samples(data([metric('m', '', gauge(number(1, { attributes: of({ colour: 'point' }) })))], { colour: 'resource', zone: 'z' }), options), [
      'm{cluster=c,colour=point,zone=z} 1 @1000',
    ]);
  });

  it('adds the scope only when asked', () => {
    assert.deepEqual(samples(data([metric('m', '', gauge(number(1)))]), { promoteScopeMetadata: true }), [
      'm{otel_scope_a=b,otel_scope_name=lib,otel_scope_schema_url=url,otel_scope_version=1} 1 @1000',
    ]);
  });

  it('translates explicit histograms to cumulative buckets', () => {
    const dataPoints = [histogram({ count: 6n, sum: 12.5, bucketCounts: [1n, 2n, 3n], explicitBounds: [0.5, 10], exemplars: [
      exemplar({ value: 0.1, traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }), exemplar({ value: 10n }), exemplar({ value: 99 }), exemplar({ value: null }),
    ] })];
    const batch = toPrometheus(data([metric('d', 's', { type: 'histogram', temporality: 2, dataPoints })]));
    assert.deepEqual(batch.samples.map(text), [
      'd_seconds_sum{} 12.5 @1000', 'd_seconds_count{} 6 @1000',
      'd_seconds_bucket{le=0.5} 1 @1000', 'd_seconds_bucket{le=10} 3 @1000', 'd_seconds_bucket{le=+Inf} 6 @1000',
    ]);
    assert.deepEqual(batch.samples.map(({ exemplars }) => exemplars.map(({ value }) => value)), [[], [], [0.1], [10], [99]]);
    assert.deepEqual(batch.samples[2]?.exemplars[0], { labels: [['span_id', 'cd'.repeat(8)], ['trace_id', 'ab'.repeat(16)]], value: 0.1, timeMs: 900 });
    assert.deepEqual(batch.samples.map(({ item }) => item), [0, 0, 0, 0, 0]);
    assert.equal(batch.metadata[0]?.type, 'histogram');
  });

  it('omits a sum that is not there and writes +Inf once', () => {
    const dataPoints = [histogram({ count: 2n, bucketCounts: [1n, 1n, 0n], explicitBounds: [1, Infinity] })];
    assert.deepEqual(samples(data([metric('d', '', { type: 'histogram', temporality: 2, dataPoints })])), ['d_count{} 2 @1000', 'd_bucket{le=1} 1 @1000', 'd_bucket{le=+Inf} 2 @1000']);
  });

  it('translates summaries', () => {
    const dataPoints = [{ ...point, count: 3n, sum: 6, quantileValues: [{ quantile: 0.5, value: 2 }, { quantile: 1, value: 3 }] }];
    assert.deepEqual(samples(data([metric('d', 's', { type: 'summary', dataPoints })])), [
      'd_seconds_sum{} 6 @1000', 'd_seconds_count{} 3 @1000', 'd_seconds{quantile=0.5} 2 @1000', 'd_seconds{quantile=1} 3 @1000',
    ]);
  });

  it('translates exponential histograms to native ones, indices moved by one', () => {
    const dataPoints = [exponential({ count: 7n, sum: 9, scale: 3, zeroCount: 1n, positive: { offset: -2, bucketCounts: [1n, 0n, 2n] }, negative: { offset: 5, bucketCounts: [3n] } })];
    const [sample] = toPrometheus(data([metric('d', 's', { type: 'exponentialHistogram', temporality: 2, dataPoints })])).samples;
    assert.deepEqual(sample?.histogram, {
      schema: 3, zeroThreshold: 1e-128, zeroCount: 1, count: 7, sum: 9, customBounds: null, counterReset: 'unknown',
      positive: { offsets: Int32Array.of(-1, 1), counts: Float64Array.of(1, 2) },
      negative: { offsets: Int32Array.of(6), counts: Float64Array.of(3) },
    });
  });

  it('merges buckets of scales above 8, also of absurd ones, and drops scales below -4', () => {
    const scaled = (scale: number, offset: number, ...bucketCounts: bigint[]): ReturnType<typeof toPrometheus> =>
      toPrometheus(data([metric('d', '', { type: 'exponentialHistogram', temporality: 2, dataPoints: [exponential({ scale, positive: { offset, bucketCounts } })] })]));
    const ten = scaled(10, -5, 1n, 2n, 3n, 4n, 5n, 6n).samples[0]?.histogram;
    assert.equal(ten?.schema, 8);
    assert.deepEqual([...ten.positive.offsets], [-1, 0, 1]);
    assert.deepEqual([...ten.positive.counts], [1, 14, 6]);
    assert.deepEqual([...(scaled(2_000, 7, 1n, 1n).samples[0]?.histogram?.positive.offsets ?? [])], [1]);
    assert.deepEqual(scaled(-5, 0, 1n).dropped, [{ item: 0, reason: 'scale_too_low' }]);
    assert.deepEqual(scaled(0, 2 ** 31 - 1, 1n).dropped, [{ item: 0, reason: 'invalid_histogram' }]);
  });

  it('makes native histograms with custom buckets when asked', () => {
    const dataPoints = [histogram({ count: 3n, sum: 4, bucketCounts: [0n, 2n, 1n], explicitBounds: [1, 5] }), histogram({ bucketCounts: [1n], explicitBounds: [1] })];
    const batch = toPrometheus(data([metric('d', '', { type: 'histogram', temporality: 2, dataPoints })]), { convertHistogramsToNhcb: true });
    assert.equal(batch.samples.length, 1);
    assert.equal(batch.samples[0]?.histogram?.schema, -53);
    assert.deepEqual([...(batch.samples[0].histogram.customBounds ?? [])], [1, 5]);
    assert.deepEqual([...batch.samples[0].histogram.positive.offsets], [1, 2]);
    assert.deepEqual(batch.dropped, [{ item: 1, reason: 'invalid_histogram' }]);
  });

  it('writes points without a recorded value as stale', () => {
    const flags = 1;
    const batch = toPrometheus(data([
      metric('g', '', gauge(number(null, { flags }))),
      metric('h', '', { type: 'histogram', temporality: 2, dataPoints: [histogram({ flags, sum: 1, explicitBounds: [1], bucketCounts: [0n, 0n] })] }),
      metric('e', '', { type: 'exponentialHistogram', temporality: 2, dataPoints: [exponential({ flags })] }),
    ]));
    assert.deepEqual(batch.samples.map(text), ['g{} stale @1000', 'h_sum{} stale @1000', 'h_count{} stale @1000', 'h_bucket{le=1} stale @1000', 'h_bucket{le=+Inf} stale @1000', 'e{} stale @1000']);
    assert.equal(batch.samples.at(-1)?.histogram, null);
  });

  it('drops what has no counterpart, each point with its reason', () => {
    const batch = toPrometheus(data([
      metric('delta', '', { type: 'sum', temporality: 1, monotonic: true, dataPoints: [number(1), number(2)] }),
      metric('none', '', { type: 'none' }),
      metric('unspecified', '', { type: 'histogram', temporality: 0, dataPoints: [histogram({})] }),
      metric('', '', gauge(number(1))),
      metric('empty', '', gauge(number(null))),
      metric('good', '', gauge(number(5))),
    ]));
    assert.deepEqual(batch.dropped, [
      { item: 0, reason: 'delta_temporality' }, { item: 1, reason: 'delta_temporality' }, { item: 2, reason: 'no_temporality' },
      { item: 3, reason: 'invalid_name' }, { item: 4, reason: 'no_value' },
    ]);
    assert.deepEqual(batch.samples.map(({ item }) => item), [5]);
  });

  it('adds the filtered attributes to exemplars only while they are short', () => {
    const exemplars = [exemplar({ traceId: 'ab'.repeat(16), filteredAttributes: of({ short: 'yes' }) }), exemplar({ traceId: 'ab'.repeat(16), filteredAttributes: of({ long: 'x'.repeat(100) }) })];
    const batch = toPrometheus(data([metric('c', '', { type: 'sum', temporality: 2, monotonic: true, dataPoints: [number(1, { exemplars })] })]));
    assert.deepEqual(batch.samples[0]?.exemplars.map(({ labels }) => labels.map(([name]) => name)), [['short', 'trace_id'], ['trace_id']]);
  });

  it('gives points without a time the time received', () => {
    assert.deepEqual(samples(data([metric('g', '', gauge(number(1, { timeNs: 0n })))]), { receivedNs: 42n * MS }), ['g{} 1 @42']);
  });

  it('keeps names as they are where the strategy says so', () => {
    assert.deepEqual(samples(data([metric('a.b', 's', gauge(number(1, { attributes: of({ 'c.d': 'e' }) })))]), { strategy: 'NoTranslation' }), ['a.b{c.d=e} 1 @1000']);
  });

  it('accounts for every point, and every series is sorted and without empty labels', () => {
    const anyPoint = fc.record({
      value: fc.option(fc.double()), flags: fc.constantFrom(0, 1), keys: fc.array(fc.tuple(fc.string({ maxLength: 4 }), fc.string({ maxLength: 3 })), { maxLength: 5 }),
    });
    const anyMetric = fc.record({ name: fc.string({ maxLength: 5 }), unit: fc.string({ maxLength: 4 }), temporality: fc.nat(3), points: fc.array(anyPoint, { maxLength: 4 }) });
    fc.assert(fc.property(fc.array(anyMetric, { maxLength: 5 }), (metrics) => {
      const input = data(metrics.map(({ name, unit, temporality, points }) => metric(name, unit, {
        type: 'sum', monotonic: true, temporality,
        dataPoints: points.map(({ value, flags, keys }) => number(value, { flags, attributes: keys.map(([key, text]) => ({ key, value: text })) })),
      })));
      const batch = toPrometheus(input);
      const total = metrics.reduce((sum, { points }) => sum + points.length, 0);
      const seen = new Set([...batch.samples.map(({ item }) => item), ...batch.dropped.map(({ item }) => item)]);
      assert.equal(seen.size, total);
      for (const { labels } of batch.samples) {
        for (const [i, [name, value]] of labels.entries()) {
          assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
          assert.notEqual(value, '');
          if (i > 0) assert.ok((labels[i - 1]?.[0] ?? '') < name);
        }
      }
    }));
  });
});
