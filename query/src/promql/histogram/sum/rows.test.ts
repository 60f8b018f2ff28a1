import assert from 'node:assert/strict';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import fc from 'fast-check';
import { multiplied } from '../scale.js';
import { HistogramRows } from './rows.js';
import { wasReset } from '../compare.js';
import { HistogramSum } from './sum.js';

const NONE = { offsets: new Int32Array(), counts: new Float64Array() };

function histogram(parts: Partial<NativeHistogram>): NativeHistogram {
  return { schema: 0, zeroThreshold: 0.001, zeroCount: 0, count: 0, sum: 0, positive: NONE, negative: NONE, customBounds: null, counterReset: 'unknown', ...parts };
}

const sides = fc.dictionary(fc.integer({ min: 0, max: 6 }).map(String), fc.integer({ min: 0, max: 9 }), { maxKeys: 5 }).map((buckets) => {
  const sorted = Object.entries(buckets).map(([index, count]) => [Number(index), count] as const).sort(([a], [b]) => a - b);
  return { offsets: Int32Array.from(sorted, ([index]) => index), counts: Float64Array.from(sorted, ([, count]) => count) };
});

const counters = fc.record({
  count: fc.integer({ min: 0, max: 50 }), sum: fc.double({ min: -100, max: 100, noNaN: true }), zeroCount: fc.integer({ min: 0, max: 3 }), positive: sides, negative: sides,
  counterReset: fc.constantFrom('unknown' as const, 'no' as const, 'reset' as const),
}).map(histogram);

/** The increase as it is defined: the last less the first, and what was counted up to each reset in between. */
function increaseOf(histograms: readonly NativeHistogram[], factor: number): NativeHistogram {
  const sum = new HistogramSum(histograms.at(-1)!);
  if (!wasReset(histograms[1]!, histograms[0]!)) sum.add(histograms[0]!, -1);
  for (let i = 2; i < histograms.length; i++) if (wasReset(histograms[i]!, histograms[i - 1]!)) sum.add(histograms[i - 1]!);
  return multiplied({ ...sum.value(), counterReset: 'gauge' }, factor);
}

function plain({ positive, negative, ...rest }: NativeHistogram): unknown {
  return { ...rest, positive: [[...positive.offsets], [...positive.counts]], negative: [[...negative.offsets], [...negative.counts]] };
}

describe('rows of histograms', () => {
  it('answer the increase over any window as a sum of histograms does', () => {
    fc.assert(fc.property(fc.array(counters, { minLength: 2, maxLength: 8 }), fc.constantFrom(1, 0.25, 1 / 300), (histograms, factor) => {
      const rows = HistogramRows.of(histograms);
      // So few buckets may be spread over too many columns.
      if (rows === null) return;
      for (let from = 0; from < histograms.length; from++) {
        for (let to = from + 2; to <= histograms.length; to++) {
          const expected = increaseOf(histograms.slice(from, to), factor);
          rows.sumIncrease(from, to);
          assert.deepEqual(plain(rows.increase(factor)), plain(expected));
        }
      }
    }));
  });

  it('are there for most counters', () => {
    const one = histogram({ count: 3, sum: 4, positive: { offsets: Int32Array.of(1, 2), counts: Float64Array.of(1, 2) } });
    const rows = HistogramRows.of([one, { ...one, count: 5, positive: { offsets: Int32Array.of(2, 4), counts: Float64Array.of(2, 3) }, counterReset: 'no' }]);
    assert.equal(rows?.sumIncrease(0, 2), 2);
    const { positive, counterReset } = rows.increase(2);
    assert.deepEqual([[...positive.offsets], [...positive.counts], counterReset], [[1, 4], [-2, 6], 'gauge']);
  });

  it('are not there where layouts differ, for gauges, and where buckets lie within the zero bucket', () => {
    const side = { offsets: Int32Array.of(0), counts: Float64Array.of(1) };
    const one = histogram({ positive: side });
    const custom = histogram({ schema: -53, zeroThreshold: 0, customBounds: Float64Array.of(1), positive: side });
    for (const other of [{ ...one, schema: 1 }, { ...one, zeroThreshold: 0.5 }, { ...one, counterReset: 'gauge' as const }, custom]) assert.equal(HistogramRows.of([one, other]), null);
    assert.equal(HistogramRows.of([custom, { ...custom, customBounds: Float64Array.of(2) }]), null);
    assert.notEqual(HistogramRows.of([custom, { ...custom, customBounds: Float64Array.of(1) }]), null);
    assert.equal(HistogramRows.of([{ ...one, zeroThreshold: 1 }, { ...one, zeroThreshold: 1 }]), null);
    assert.equal(HistogramRows.of([]), null);
  });
});
