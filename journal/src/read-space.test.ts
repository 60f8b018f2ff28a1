import assert from 'node:assert/strict';
import { Journal } from './journal.js';
import { JournalReader } from './reader.js';
import { ReadSpace } from './read-space.js';
import { SMALL, input, testScope } from './testing/fixture.test.js';

describe('ReadSpace', () => {
  const scope = testScope();

  it('holds the payloads of one read, whatever their size, until the next', async () => {
    const dir = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir });
    scope.defer(() => journal.close());
    const reader = await JournalReader.open(dir);
    scope.defer(() => reader.close());
    const payloads = Array.from({ length: 40 }, (_, i) => Buffer.alloc(1 + ((i * 7919) % 30_000), i + 1));
    for (const payload of payloads) await journal.append(input({ payload }));
    const space = new ReadSpace();
    const memory = new Set<ArrayBufferLike>();
    for (let round = 0; round < 5; round++) {
      const read: Buffer[] = [];
      for (let at = 0; at < reader.durable(); ) {
        const { frames, next } = await reader.read(at, { maxBytes: 64 << 10, wants: () => true, space });
        assert.ok(next > at);
        read.push(...frames.map(({ payload }) => Buffer.from(payload)));
        if (round > 1) frames.forEach(({ payload }) => memory.add(payload.buffer));
        at = next;
      }
      assert.deepEqual(read, payloads);
    }
    assert.equal(memory.size, 1, 'once it is large enough, it is used again and again');
  });

  it('gives memory of its own to what does not fit', () => {
    const space = new ReadSpace();
    space.reuse();
    const large = space.take(16 << 20);
    space.reuse();
    const other = space.take(16 << 20);
    assert.notEqual(large.buffer, other.buffer);
    assert.equal(other.length, 16 << 20);
    const [a, b] = [space.take(100), space.take(200)];
    assert.deepEqual([a.fill(1).length, b.fill(2).length, a.every((byte) => byte === 1)], [100, 200, true]);
  });
});
