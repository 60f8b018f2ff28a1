import assert from 'node:assert/strict';
import { Turn } from '../duckdb/turn.js';
import { ascending, mergeInTurns, sortInTurns, sortedInTurns } from './slow-sort.js';

const byNumber = (a: number, b: number): number => a - b;

describe('sorting in turns', () => {
  for (const length of [0, 1, 2, 2047, 2048, 2049, 10_000, 33_333]) {
    it(`sorts ${length} numbers and texts, and equal ones stay in their order`, async () => {
      const numbers = Array.from({ length }, (_, i) => (i * 7919) % 1009);
      const order = await sortInTurns(ascending(0, length), (a, b) => numbers[a] - numbers[b], new Turn());
      const expected = numbers.map((number, i) => [number, i] as const).sort(([a, i], [b, j]) => a - b || i - j);
      assert.deepEqual([...order], expected.map(([, i]) => i));
      const items = numbers.map((number, i) => ({ number, i }));
      assert.deepEqual(await sortedInTurns(items, (a, b) => a.number - b.number, new Turn()), expected.map(([number, i]) => ({ number, i })));
    });
  }

  it('merges a short row into a long one as it does two of one length', async () => {
    for (const [a, b] of [[1000, 0], [0, 1000], [1000, 3], [1000, 62], [1000, 63], [1000, 900], [5000, 1]] as const) {
      const rows = [a, b].map((length, row) => Uint32Array.from({ length }, (_, i) => (i * 31 + row * 7) % 500).sort());
      const out = new Uint32Array(a + b);
      await mergeInTurns(rows[0], rows[1], byNumber, out, new Turn());
      assert.deepEqual(out, Uint32Array.from([...rows[0], ...rows[1]]).sort(), `${a} and ${b}`);
    }
  });

  it('lets the event loop turn between any two pieces of work, however many go on', async () => {
    let loops = 0;
    let going = true;
    const count = (): void => {
      loops++;
      if (going) setImmediate(count);
    };
    setImmediate(count);
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      const turn = new Turn();
      for (let i = 0; i < 20; i++) {
        await turn.give();
        seen.push(loops);
      }
    };
    await Promise.all([work(), work(), work()]);
    going = false;
    assert.equal(seen.length, 60);
    assert.equal(new Set(seen).size, 60);
  });
});
