import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TermSort } from './sort-terms.js';

describe('sorting terms', () => {
  const sort = new TermSort();

  it('brings any numbers of 32 bits into order, few and many, wherever they stand', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 0xffffffff }), (count, seed) => {
      let state = seed;
      const slots = Uint32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0 : (state = (Math.imul(state, 1664525) + 1013904223) >>> 0)));
      const expected = slots.filter((term) => term !== 0).sort();
      assert.deepEqual(sort.take(slots, expected.length), expected);
    }), { numRuns: 50 });
  });

  it('keeps equal ones and the extremes', () => {
    const slots = Uint32Array.from({ length: 3000 }, (_, i) => [0, 0xffffffff, 0x80000000, 0x7fffffff, 1, 2048, 2047][i % 7]);
    const expected = slots.filter((term) => term !== 0).sort();
    assert.deepEqual(sort.take(slots, expected.length), expected);
  });
});
