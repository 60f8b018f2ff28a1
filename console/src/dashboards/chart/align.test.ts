import assert from 'node:assert/strict';
import { align, stack } from './align.js';

describe('series on one axis', () => {
  it('have nulls where they have no value, and none beyond numbers', () => {
    const aligned = align([{ points: [[0, 1], [20, NaN], [30, 4]] }, { points: [[10, 5]] }], 0, 30, 10);
    assert.deepEqual(aligned, { times: [0, 0.01, 0.02, 0.03], values: [[1, null, null, 4], [null, 5, null, null]] });
  });
  it('stand on one another when stacked', () => {
    assert.deepEqual(stack([[1, null, 3], [1, 2, null], [1, 1, 1]]), [[1, null, 3], [2, 2, null], [3, 3, 4]]);
  });
});
