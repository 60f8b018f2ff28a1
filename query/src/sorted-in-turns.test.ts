import assert from 'node:assert/strict';
import { Turns } from './event-loop.js';
import { sortedInTurns } from './sorted-in-turns.js';

describe('sorting in turns', () => {
  const turns = () => new Turns(new AbortController().signal);

  it('sorts as the method does, stable, whatever the length', async () => {
    let state = 7;
    const random = () => (state = (state * 1103515245 + 12345) % 2147483648);
    for (const length of [0, 1, 2, 511, 512, 513, 1024, 5000, 20_001]) {
      const items = Array.from({ length }, (_, i) => ({ key: random() % 1000, i }));
      assert.deepEqual(await sortedInTurns(items, (a, b) => a.key - b.key, turns()), [...items].sort((a, b) => a.key - b.key));
    }
  });

  it('gives others their turn, and stops when it is aborted', async () => {
    const controller = new AbortController();
    setImmediate(() => { controller.abort(new Error('gone')); });
    const many = Array.from({ length: 300_000 }, (_, i) => `${(i * 7919) % 300_007}`);
    await assert.rejects(sortedInTurns(many, (a, b) => a.localeCompare(b), new Turns(controller.signal)), /gone/);
  });
});
