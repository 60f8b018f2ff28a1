import assert from 'node:assert/strict';
import { MessageBuffers } from './message-buffers.js';

describe('memory of gRPC messages', () => {
  it('is exactly as long as asked, and used again', () => {
    const buffers = new MessageBuffers();
    const first = buffers.take(236_000);
    assert.equal(first.length, 236_000);
    buffers.give(first);
    const second = buffers.take(200_000);
    assert.equal(second.length, 200_000);
    assert.equal(second.buffer, first.buffer);
    assert.notEqual(buffers.take(200_000).buffer, first.buffer, 'never given to two at once');
  });

  it('holds for every length', () => {
    const buffers = new MessageBuffers();
    for (const length of [0, 1, 8191, 8192, 16_383, 16_384, 16_385, 65_536, 65_537, 2 ** 20, 2 ** 20 + 1, 16 * 2 ** 20]) {
      const buffer = buffers.take(length);
      assert.equal(buffer.length, length);
      buffers.give(buffer);
      assert.equal(buffers.take(length).length, length);
    }
  });

  it('keeps no more than its bound', () => {
    const buffers = new MessageBuffers(2 * 2 ** 20);
    const taken = Array.from({ length: 8 }, () => buffers.take(2 ** 20));
    for (const buffer of taken) buffers.give(buffer);
    const again = new Set(Array.from({ length: 8 }, () => buffers.take(2 ** 20).buffer));
    assert.equal(taken.filter((buffer) => again.has(buffer.buffer)).length, 2);
  });
});
