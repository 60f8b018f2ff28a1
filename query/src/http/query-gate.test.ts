import assert from 'node:assert/strict';
import { QueryGate, TooManyQueries } from './query-gate.js';

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => { resolve = done; });
  return { promise, resolve };
}

describe('QueryGate', () => {
  it('runs so many at a time, the others in order', async () => {
    const gate = new QueryGate(2, 10);
    const { signal } = new AbortController();
    const order: number[] = [];
    const holds = [deferred(), deferred(), deferred(), deferred()];
    const runs = holds.map((hold, i) => gate.run(signal, async () => { order.push(i); await hold.promise; }));
    await Promise.resolve();
    assert.deepEqual(order, [0, 1]);
    holds[1]?.resolve();
    await runs[1];
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.deepEqual(order, [0, 1, 2]);
    for (const hold of holds) hold.resolve();
    await Promise.all(runs);
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  it('refuses when too many wait, and lets a waiting one leave', async () => {
    const gate = new QueryGate(1, 1);
    const hold = deferred();
    const { signal } = new AbortController();
    const first = gate.run(signal, () => hold.promise);
    const leaver = new AbortController();
    const second = gate.run(leaver.signal, () => Promise.resolve());
    await assert.rejects(gate.run(signal, () => Promise.resolve()), TooManyQueries);
    leaver.abort(new Error('gone'));
    await assert.rejects(second, /gone/);
    const third = gate.run(signal, () => Promise.resolve('ran'));
    hold.resolve();
    await first;
    assert.equal(await third, 'ran');
  });
});
