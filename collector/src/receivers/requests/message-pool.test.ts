import assert from 'node:assert/strict';
import { MessagePool } from './message-pool.js';

describe('receivers/requests/message-pool', () => {
  it('rounds up by a fourth of a power of two', () => {
    const sizes: readonly (readonly [number, number])[] = [[0, 0], [100, 100], [16_384, 16_384], [16_385, 20_480], [246_536, 262_144], [262_144, 262_144], [262_145, 327_680], [2 ** 20, 2 ** 20], [2 ** 20 + 1, 2 ** 20 + 1]];
    for (const [bytes, capacity] of sizes) assert.equal(MessagePool.capacity(bytes), capacity);
    for (let bytes = 16_384; bytes <= 2 ** 20; bytes += 997) assert.ok(MessagePool.capacity(bytes) >= bytes && MessagePool.capacity(bytes) <= bytes * 1.25);
  });

  it('hands a slab out once, again when it was given back, and keeps no more than it may', () => {
    const pool = new MessagePool(100_000);
    const first = pool.take(65_536);
    const second = pool.take(65_536);
    assert.notEqual(first, second);
    pool.give(first);
    pool.give(second);
    assert.equal(pool.take(65_536), first);
    assert.notEqual(pool.take(65_536), second);
  });
});
