import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ExponentialHistogramDataPoint, HistogramDataPoint } from '@signalbox/signals/model/metric';
import { exponentialIndex } from './exponential-histogram.js';
import { createHistogram, loadHistogram, type HistogramKind } from './histogram.js';

const values = fc.array(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: -40, max: 40 }).map((power) => 2 ** power), fc.constant(0)), { maxLength: 200 });

describe('connectors/aggregation', () => {
  it('explicit buckets hold what a count by hand holds', () => {
    const bounds = [0.002, 0.01, 1, 5, 1000];
    fc.assert(fc.property(values, (all) => {
      const histogram = createHistogram({ kind: 'explicit', bounds });
      for (const value of all) histogram.observe(value);
      const { count, sum, bucketCounts } = histogram.values() as HistogramDataPoint;
      const expected = [...bounds, Infinity].map((bound, i) => BigInt(all.filter((value) => value <= bound && value > (bounds[i - 1] ?? -Infinity)).length));
      assert.deepEqual(bucketCounts, expected);
      assert.equal(count, BigInt(all.length));
      assert.equal(sum, all.reduce((total, value) => total + value, 0));
    }));
  });

  it('exponential buckets stay within their number and hold each value between their bounds', () => {
    fc.assert(fc.property(values, fc.integer({ min: 2, max: 200 }), (all, maxSize) => {
      const histogram = createHistogram({ kind: 'exponential', maxSize });
      for (const value of all) histogram.observe(value);
      const { count, scale, zeroCount, positive } = histogram.values() as ExponentialHistogramDataPoint;
      assert.ok(positive!.bucketCounts.length <= maxSize, `${positive!.bucketCounts.length} buckets`);
      assert.equal(count, BigInt(all.length));
      assert.equal(zeroCount, BigInt(all.filter((value) => value === 0).length));
      const expected = new Map<number, bigint>();
      for (const value of all.filter((each) => each > 0)) {
        const index = exponentialIndex(value, scale);
        expected.set(index, (expected.get(index) ?? 0n) + 1n);
      }
      const found = new Map(positive!.bucketCounts.map((n, i): [number, bigint] => [positive!.offset + i, n]).filter(([, n]) => n > 0n));
      assert.deepEqual([...found].sort(([a], [b]) => a - b), [...expected].sort(([a], [b]) => a - b));
    }));
  });

  it('an exponential bucket is open below and closed above, at every scale', () => {
    for (let scale = -10; scale <= 20; scale++) {
      for (const value of [1e-9, 0.001, 0.3, 1, 1.0000001, 2, 3, 4, 1024, 1e9]) {
        const index = exponentialIndex(value, scale);
        const bound = (i: number): number => 2 ** (i * 2 ** -scale);
        assert.ok(value <= bound(index + 1) * (1 + 1e-12) && value >= bound(index) * (1 - 1e-12), `${value} at ${scale}: ${index}`);
      }
      assert.equal(exponentialIndex(1, scale), -1);
    }
    assert.equal(exponentialIndex(4, 0), 1);
    assert.equal(exponentialIndex(4.1, 0), 2);
    assert.equal(exponentialIndex(4, -1), 0);
  });

  it('go on where they were saved', () => {
    const kinds: readonly HistogramKind[] = [{ kind: 'explicit', bounds: [1, 10, 100] }, { kind: 'exponential', maxSize: 20 }];
    for (const kind of kinds) {
      fc.assert(fc.property(values, values, (before, after) => {
        const whole = createHistogram(kind);
        const first = createHistogram(kind);
        for (const value of before) for (const histogram of [whole, first]) histogram.observe(value);
        const second = loadHistogram(kind, structuredClone(first.save()));
        for (const value of after) for (const histogram of [whole, second]) histogram.observe(value);
        assert.deepEqual(second.values(), whole.values());
      }));
    }
  });

  it('are not taken for another kind', () => {
    assert.throws(() => loadHistogram({ kind: 'exponential', maxSize: 10 }, createHistogram({ kind: 'explicit', bounds: [1] }).save()), /explicit histograms, exponential ones/);
    assert.throws(() => loadHistogram({ kind: 'explicit', bounds: [1, 2] }, createHistogram({ kind: 'explicit', bounds: [1] }).save()), /another number of buckets/);
  });
});
