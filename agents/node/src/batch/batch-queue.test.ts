import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { BatchQueue } from './batch-queue.js';

function queue(settings: { maxQueueSize: number; maxExportBatchSize: number; scheduledDelayMs: number }) {
  const sent: number[][] = [];
  const state = { ready: true, dropped: 0 };
  const items = new BatchQueue<number>(settings, {
    ready: () => state.ready,
    prepare: () => {},
    send: (batch) => sent.push([...batch]),
    dropped: (count) => (state.dropped += count),
  });
  return { items, sent, state };
}

describe('BatchQueue', () => {
  it('sends a batch as soon as it is full, in order', () => {
    const { items, sent } = queue({ maxQueueSize: 10, maxExportBatchSize: 2, scheduledDelayMs: 60_000 });
    for (const item of [1, 2, 3, 4, 5]) items.add(item);
    assert.deepEqual(sent, [[1, 2], [3, 4]]);
    items.flush();
    assert.deepEqual(sent, [[1, 2], [3, 4], [5]]);
  });

  it('sends what there is when the delay is over', async () => {
    const { items, sent } = queue({ maxQueueSize: 10, maxExportBatchSize: 5, scheduledDelayMs: 1 });
    items.add(1);
    assert.deepEqual(sent, []);
    await delay(20);
    assert.deepEqual(sent, [[1]]);
  });

  it('holds items while the sink is not ready, drops and counts what it cannot hold, and goes on afterwards', () => {
    const { items, sent, state } = queue({ maxQueueSize: 4, maxExportBatchSize: 2, scheduledDelayMs: 60_000 });
    state.ready = false;
    for (const item of [1, 2, 3, 4, 5, 6]) items.add(item);
    assert.deepEqual(sent, []);
    assert.equal(state.dropped, 2);
    state.ready = true;
    items.resume();
    assert.deepEqual(sent, [[1, 2], [3, 4]]);
  });

  it('sends everything at a flush, even to a sink that is not ready', () => {
    const { items, sent, state } = queue({ maxQueueSize: 9, maxExportBatchSize: 2, scheduledDelayMs: 60_000 });
    state.ready = false;
    for (const item of [1, 2, 3]) items.add(item);
    items.flush();
    assert.deepEqual(sent, [[1, 2], [3]]);
  });
});
