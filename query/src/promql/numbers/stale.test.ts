import assert from 'node:assert/strict';
import { STALE_NAN, isStale, isStaleAt, wordsOf } from './stale.js';

describe('the stale marker', () => {
  it('is told from other NaN, through plain arrays and typed ones', () => {
    assert.equal(isStale(STALE_NAN), true);
    assert.equal(isStale(NaN), false);
    assert.equal(isStale(1), false);
    const plain = [1.5, STALE_NAN, NaN, 2.5];
    plain.push(STALE_NAN);
    assert.deepEqual(plain.map(isStale), [false, true, false, false, true]);
    const typed = Float64Array.from(plain);
    assert.deepEqual(plain.map((_, i) => isStaleAt(wordsOf(typed), i)), [false, true, false, false, true]);
    const part = typed.subarray(1);
    assert.equal(isStaleAt(wordsOf(part), 0), true);
  });
});
