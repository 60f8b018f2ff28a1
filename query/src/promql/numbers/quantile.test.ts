import assert from 'node:assert/strict';
import { quantileOf } from './quantile.js';

/** By sorting all of them, NaN first. */
function bySorting(quantile: number, values: readonly number[]): number {
  const sorted = [...values.filter(Number.isNaN), ...values.filter((value) => !Number.isNaN(value)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))];
  const rank = quantile * (sorted.length - 1);
  const lower = Math.floor(rank);
  return (sorted[lower] ?? NaN) * (1 - (rank - lower)) + (sorted[Math.min(lower + 1, sorted.length - 1)] ?? NaN) * (rank - lower);
}

const ORDERS: Readonly<Record<string, (i: number, count: number) => number>> = {
  ascending: (i) => i, descending: (i) => -i, equal: () => 7, 'up and down': (i, count) => Math.min(i, count - i), 'in two halves': (i) => (i % 2 === 0 ? i : -i),
  'of few values': (i) => (i * 7919) % 3, scattered: (i) => (i * 7919) % 1009, infinite: (i) => (i % 5 === 0 ? Infinity : i % 7 === 0 ? -Infinity : i), 'no numbers': () => NaN,
  'some no numbers': (i) => (i % 4 === 1 ? NaN : (i * 31) % 17), 'one number': (i, count) => (i === count - 1 ? 3 : NaN),
};

describe('the quantile of values', () => {
  for (const [name, of] of Object.entries(ORDERS)) {
    it(`is what sorting finds: ${name}`, () => {
      for (const count of [1, 2, 3, 16, 17, 18, 40, 100, 1000, 1025]) {
        const values = Array.from({ length: count }, (_, i) => of(i, count));
        for (const quantile of [0, 0.1, 0.5, 0.75, 0.99, 1]) {
          assert.equal(quantileOf(quantile, Float64Array.from(values)) + 0, bySorting(quantile, values) + 0, `${quantile} of ${count}`);
        }
      }
    });
  }

  it('is infinite beyond 0 and 1, and no number where there is none to ask for', () => {
    assert.equal(quantileOf(-0.1, Float64Array.of(1, 2)), -Infinity);
    assert.equal(quantileOf(1.1, Float64Array.of(1, 2)), Infinity);
    assert.equal(quantileOf(NaN, Float64Array.of(1, 2)), NaN);
    assert.equal(quantileOf(0.5, new Float64Array()), NaN);
  });
});
