import assert from 'node:assert/strict';
import { Turn } from '../../duckdb/turn.js';
import { random } from '../random-samples.test.js';
import { compareTexts, uniteTexts } from './sorted-texts.js';

function randomTexts(most: number, of: number): string[] {
  return [...new Set(Array.from({ length: random(most + 1) }, () => `v${random(of)}`))].sort(compareTexts);
}

describe('sorted texts', () => {
  it('become one row without repeats, whichever is the longer one', async () => {
    for (let round = 0; round < 300; round++) {
      const [a, b] = [randomTexts(round % 3 === 0 ? 2 : 200, 150), randomTexts(round % 2 === 0 ? 3 : 200, 150)];
      const united = await uniteTexts(a, b, new Turn());
      assert.deepEqual([...united], [...new Set([...a, ...b])].sort(compareTexts));
      if (a.length > 0 && united.length === a.length) assert.equal(united, a, 'nothing new, so nothing is copied');
    }
  });
});
