import { strict as assert } from 'node:assert';
import type { ExponentialHistogramDataPoint, HistogramDataPoint, Metric } from '@signalbox/signals/model/metric';
import { detachedPlace } from '../../config/place.js';
import type { Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { cumulativetodelta } from '../cumulativetodelta/index.js';
import { attributes, frozen, metric, metrics, metricsOf, point } from '../editing/fixture.test.js';
import { deltatocumulative } from './index.js';

const S = 1_000_000_000n;
const toCumulative = (raw: unknown = {}): Processor => deltatocumulative.create(deltatocumulative.parseConfig(raw, detachedPlace('test')), testContext());
const toDelta = (raw: unknown = {}): Processor => cumulativetodelta.create(cumulativetodelta.parseConfig(raw, detachedPlace('test')), testContext());
const sum = (temporality: number, value: bigint | number, atS: bigint, more: { startS?: bigint; host?: string; name?: string; flags?: number; monotonic?: boolean } = {}): Metric =>
  metric(more.name ?? 'requests', { type: 'sum', monotonic: more.monotonic ?? true, temporality, dataPoints: [point({ value, timeNs: atS * S, startNs: (more.startS ?? 0n) * S, flags: more.flags ?? 0, attributes: attributes({ host: more.host ?? 'a' }) })] });
const histogram = (temporality: number, atS: bigint, count: bigint, bucketCounts: bigint[], explicitBounds = [1, 2]): Metric => {
  const dataPoint: HistogramDataPoint = { attributes: [], startNs: 0n, timeNs: atS * S, flags: 0, count, sum: Number(count) * 2, min: 1, max: 3, bucketCounts, explicitBounds, exemplars: [] };
  return metric('latency', { type: 'histogram', temporality, dataPoints: [dataPoint] });
};
const exponential = (temporality: number, atS: bigint, more: Partial<ExponentialHistogramDataPoint>): Metric =>
  metric('size', { type: 'exponentialHistogram', temporality, dataPoints: [{ attributes: [], startNs: 0n, timeNs: atS * S, flags: 0, count: 3n, sum: 1, min: null, max: null, scale: 2, zeroCount: 0n, zeroThreshold: 0, positive: { offset: 0, bucketCounts: [1n, 1n, 1n] }, negative: null, exemplars: [], ...more }] });

interface Seen {
  readonly points: readonly Record<string, unknown>[];
  readonly reasons: Record<string, number>;
}

/** One batch for each metric. */
function run(processor: Processor, ...list: readonly Metric[]): Seen {
  const points: Record<string, unknown>[] = [];
  const reasons: Record<string, number> = {};
  for (const each of list) {
    const { batch, dropped } = processor.process(frozen(batchOf('default', metrics([each]))));
    for (const { values } of metricsOf(batch)) if ('temporality' in values) for (const dataPoint of values.dataPoints) points.push({ ...dataPoint, temporality: values.temporality });
    for (const { reason, items } of dropped) reasons[reason] = (reasons[reason] ?? 0) + items;
  }
  return { points, reasons };
}

const pick = (seen: Seen, ...keys: string[]): unknown[] => seen.points.map((each) => (keys.length === 1 ? each[keys[0]] : keys.map((key) => each[key])));

describe('processors/deltatocumulative', () => {
  it('adds up, from the start of the first', () => {
    const seen = run(toCumulative(), sum(1, 5n, 20n, { startS: 10n }), sum(1, 3n, 30n, { startS: 20n }), sum(1, 1n, 40n, { startS: 30n, host: 'b' }), sum(1, 2n, 60n, { startS: 50n }));
    assert.deepEqual(pick(seen, 'value', 'startNs', 'temporality'), [[5n, 10n * S, 2], [8n, 10n * S, 2], [1n, 30n * S, 2], [10n, 10n * S, 2]]);
  });

  it('drops what comes twice, late, without value or beyond the limit, with the reason', () => {
    const seen = run(toCumulative({ max_streams: 1 }), sum(1, 5n, 20n, { startS: 10n }), sum(1, 5n, 20n, { startS: 10n }), sum(1, 5n, 15n), sum(1, 5n, 30n, { startS: 5n }), sum(1, 1n, 40n, { flags: 1 }), sum(1, 1n, 50n, { host: 'b' }), sum(1, 1n, 60n, { startS: 50n }));
    assert.deepEqual([pick(seen, 'value'), seen.reasons], [[5n, 6n], { out_of_order: 3, no_recorded_value: 1, stream_limit: 1 }]);
  });

  it('keeps tenants, metrics and orders of attributes apart, or not', () => {
    const processor = toCumulative();
    const of = (tenant: string, list: Metric): unknown => {
      const [{ values }] = metricsOf(processor.process(batchOf(tenant, metrics([list]))).batch);
      return values.type === 'sum' ? values.dataPoints[0].value : null;
    };
    const ordered = (atS: bigint, ...keys: string[]): Metric => metric('m', { type: 'sum', monotonic: true, temporality: 1, dataPoints: [point({ timeNs: atS * S, attributes: keys.map((key) => ({ key, value: key })) })] });
    assert.deepEqual([of('x', sum(1, 1n, 1n)), of('y', sum(1, 1n, 2n)), of('x', sum(1, 1n, 3n, { name: 'other' })), of('x', sum(1, 1n, 4n))], [1n, 1n, 1n, 2n]);
    assert.deepEqual([of('x', ordered(1n, 'a', 'b')), of('x', ordered(2n, 'b', 'a'))], [1n, 2n]);
  });

  it('adds histograms, anew where bounds change', () => {
    const seen = run(toCumulative(), histogram(1, 1n, 3n, [1n, 1n, 1n]), histogram(1, 2n, 2n, [0n, 2n, 0n]), histogram(1, 3n, 1n, [1n, 0n], [5]));
    assert.deepEqual(pick(seen, 'count', 'sum', 'bucketCounts'), [[3n, 6, [1n, 1n, 1n]], [5n, 10, [1n, 3n, 1n]], [1n, 2, [1n, 0n]]]);
  });

  it('adds exponential histograms of other scales, offsets and zero buckets', () => {
    const seen = run(toCumulative(), exponential(1, 1n, {}), exponential(1, 2n, { scale: 1, positive: { offset: 1, bucketCounts: [4n] } }), exponential(1, 3n, { scale: 1, positive: { offset: -1, bucketCounts: [2n] }, zeroCount: 5n, zeroThreshold: 1 }));
    assert.deepEqual(pick(seen, 'scale', 'positive', 'zeroCount'), [
      [2, { offset: 0, bucketCounts: [1n, 1n, 1n] }, 0n], [1, { offset: 0, bucketCounts: [2n, 5n] }, 0n],
      // The bucket up to 1 lies within the zero bucket by now.
      [1, { offset: -1, bucketCounts: [0n, 2n, 5n] }, 7n],
    ]);
    const [, wide] = run(toCumulative(), exponential(1, 1n, { scale: 20 }), exponential(1, 2n, { scale: 20, positive: { offset: 2_000_000_000, bucketCounts: [1n] } })).points;
    assert.ok((wide['positive'] as { bucketCounts: bigint[] }).bucketCounts.length <= 160);
    assert.equal((wide['positive'] as { bucketCounts: bigint[] }).bucketCounts.reduce((total, count) => total + count, 0n), 4n);
  });

  it('goes on from a snapshot, and refuses one of another kind', () => {
    const first = toCumulative();
    run(first, sum(1, 5n, 20n), histogram(1, 1n, 3n, [1n, 1n, 1n]), exponential(1, 1n, {}));
    const second = toCumulative();
    second.state!.restore(first.state!.snapshot());
    assert.deepEqual(pick(run(second, sum(1, 1n, 30n), histogram(1, 2n, 1n, [1n, 0n, 0n])), 'value', 'count'), [[6n, undefined], [undefined, 4n]]);
    for (const bytes of [new Uint8Array(), Uint8Array.of(9, 1, 2), Uint8Array.of(1), Uint8Array.of(1, 255, 15, 73, 2), first.state!.snapshot().subarray(0, 40)]) assert.throws(() => second.state!.restore(bytes), Error);
    assert.deepEqual(pick(run(second, sum(1, 1n, 40n)), 'value'), [7n]);
  });

  it('forgets streams that are not seen any more, by the time that the journal received them', () => {
    const processor = toCumulative({ max_stale: '1m' });
    const at = (receivedS: bigint, list: Metric): unknown => {
      const batch = batchOf('default', metrics([list]));
      const [{ values }] = metricsOf(processor.process({ ...batch, parts: batch.parts.map((part) => ({ ...part, receivedNs: receivedS * S })) }).batch);
      return values.type === 'sum' ? values.dataPoints[0].value : null;
    };
    assert.deepEqual([at(0n, sum(1, 1n, 1n)), at(50n, sum(1, 1n, 2n)), at(100n, sum(1, 1n, 3n)), at(170n, sum(1, 1n, 4n))], [1n, 2n, 3n, 1n]);
  });

  it('leaves everything else as it is', () => {
    const batch = frozen(batchOf('default', metrics([sum(2, 5n, 1n), metric('g', { type: 'gauge', dataPoints: [point()] })])));
    assert.equal(toCumulative().process(batch).batch, batch);
  });
});

describe('processors/cumulativetodelta', () => {
  it('takes differences, and starts anew after a reset', () => {
    const seen = run(toDelta(), sum(2, 5n, 10n), sum(2, 8n, 20n), sum(2, 8n, 30n), sum(2, 2n, 40n), sum(2, 2.5, 50n));
    assert.deepEqual([pick(seen, 'value', 'startNs', 'temporality'), seen.reasons], [[[3n, 10n * S, 1], [0n, 20n * S, 1], [2n, 30n * S, 1], [0.5, 40n * S, 1]], { first_point: 1 }]);
  });

  it('does with the first point as it is told', () => {
    const first = (initial_value: string, startS = 0n): unknown[] => pick(run(toDelta({ initial_value }), sum(2, 5n, 9_999_999_999n, { startS })), 'value', 'temporality');
    assert.deepEqual([first('keep'), first('drop', 9_999_999_998n), first('auto'), first('auto', 9_999_999_998n)], [[[5n, 1]], [], [], [[5n, 1]]]);
  });

  it('drops what is late, has no value, or is beyond the limit', () => {
    const seen = run(toDelta({ initial_value: 'keep', max_streams: 1 }), sum(2, 5n, 10n), sum(2, 4n, 10n), sum(2, 6n, 20n, { flags: 1 }), sum(2, 6n, 20n, { host: 'b' }), sum(2, 7n, 30n));
    assert.deepEqual([pick(seen, 'value'), seen.reasons], [[5n, 2n], { out_of_order: 1, no_recorded_value: 1, stream_limit: 1 }]);
  });

  it('takes histograms of both kinds', () => {
    const classic = run(toDelta({ initial_value: 'keep' }), histogram(2, 1n, 3n, [1n, 1n, 1n]), histogram(2, 2n, 5n, [1n, 3n, 1n]), histogram(2, 3n, 1n, [1n, 0n, 0n]));
    assert.deepEqual(pick(classic, 'count', 'bucketCounts', 'min'), [[3n, [1n, 1n, 1n], 1], [2n, [0n, 2n, 0n], null], [1n, [1n, 0n, 0n], 1]]);
    const native = run(toDelta({ initial_value: 'keep' }), exponential(2, 1n, {}), exponential(2, 2n, { count: 7n, scale: 1, positive: { offset: 0, bucketCounts: [2n, 5n] } }), exponential(2, 3n, { count: 9n, positive: { offset: 5, bucketCounts: [9n] } }));
    assert.deepEqual(pick(native, 'count', 'positive'), [[3n, { offset: 0, bucketCounts: [1n, 1n, 1n] }], [4n, { offset: 0, bucketCounts: [0n, 4n] }], [9n, { offset: 5, bucketCounts: [9n] }]]);
  });

  it('comes back to where it was', () => {
    const there = toCumulative();
    const back = toDelta({ initial_value: 'keep' });
    const values = [5n, 3n, 0n, 9n];
    const cumulative = values.flatMap((value, i) => metricsOf(there.process(batchOf('default', metrics([sum(1, value, BigInt(i + 1))]))).batch));
    assert.deepEqual(pick(run(back, ...cumulative), 'value'), values);
  });

  it('converts what is included, and monotonic sums only', () => {
    const converted = (raw: unknown, ...list: Metric[]): number[] => list.map((each) => Number(run(toDelta({ initial_value: 'keep', ...(raw as object) }), each).points[0]['temporality']));
    assert.deepEqual(converted({}, sum(2, 1n, 1n, { monotonic: false }), sum(2, 1n, 1n)), [2, 1]);
    assert.deepEqual(converted({ include: { match_type: 'strict', metrics: ['a'] } }, sum(2, 1n, 1n, { name: 'a' }), sum(2, 1n, 1n, { name: 'b' })), [1, 2]);
    assert.deepEqual(converted({ exclude: { match_type: 'regexp', metrics: ['^lat'] } }, histogram(2, 1n, 3n, [1n, 1n, 1n]), sum(2, 1n, 1n)), [2, 1]);
    assert.deepEqual(converted({ include: { metric_types: ['histogram'] } }, histogram(2, 1n, 3n, [1n, 1n, 1n]), exponential(2, 1n, {})), [1, 2]);
    assert.throws(() => toDelta({ include: {}, initial_value: 'first', max_staleness: 5 }), /nothing is given that could match[\s\S]*needs a unit[\s\S]*one of: auto, keep, drop/);
  });
});
