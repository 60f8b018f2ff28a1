import assert from 'node:assert/strict';
import { chooseMarks } from './marks.js';

describe('marks of exemplars', () => {
  it('take the highest of each stretch of time, however many there are', () => {
    const places = Array.from({ length: 4_000 }, (_, index) => ({ left: index / 10, top: 20 + ((index * 37) % 150) }));
    const chosen = chooseMarks(places, 400);
    assert.ok(chosen.length > 15 && chosen.length <= 16 * 4, String(chosen.length));
    assert.ok(chosen.some(({ left }) => left < 30) && chosen.some(({ left }) => left > 370), 'from the beginning to the end');
    for (let from = 0; from < 390; from += 26) assert.ok(chosen.some(({ left, top }) => left >= from && left < from + 26 && top < 40), `one of the highest from ${from}`);
  });

  it('hide none of each other', () => {
    const chosen = chooseMarks(Array.from({ length: 500 }, (_, index) => ({ left: (index * 7) % 100, top: (index * 13) % 90 })), 100);
    for (const [index, one] of chosen.entries()) for (const other of chosen.slice(index + 1)) assert.ok(Math.abs(one.left - other.left) >= 11 || Math.abs(one.top - other.top) >= 11);
  });

  it('are all there where there are few', () => {
    const places = [{ left: 10, top: 50 }, { left: 60, top: 50 }, { left: 200, top: 9 }];
    assert.deepEqual(new Set(chooseMarks(places, 400)), new Set(places));
    assert.deepEqual(chooseMarks([], 400), []);
  });

  it('are not many more in a wide chart', () => {
    const chosen = chooseMarks(Array.from({ length: 9_000 }, (_, index) => ({ left: (index * 11) % 1_800, top: (index * 13) % 400 })), 1_800);
    assert.ok(chosen.length > 40 && chosen.length <= 80, String(chosen.length));
  });
});
