import assert from 'node:assert/strict';
import { compressSync } from 'snappy';
import { Refusal } from '../requests/refusal.js';
import { snappyLength, unsnappy } from './snappy.js';

describe('receivers/push/snappy', () => {
  let state = 42;
  const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
  /** Bytes that repeat themselves at all distances, as texts do. */
  const content = (length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; ) {
      const run = Math.min(length - i, 1 + random(200));
      const back = random(3) === 0 || i === 0 ? 0 : 1 + random(Math.min(i, 70_000));
      for (let n = 0; n < run; n++, i++) bytes[i] = back === 0 ? random(256) : bytes[i - back]!;
    }
    return bytes;
  };

  it('reads what the library compresses', () => {
    for (const length of [0, 1, 15, 16, 17, 60, 61, 255, 256, 257, 65_535, 65_537, 300_000]) {
      const plain = content(length);
      const block = compressSync(plain);
      assert.equal(snappyLength(block), length);
      assert.ok(unsnappy(block).equals(plain), String(length));
    }
    const zeros = Buffer.alloc(1_000_000);
    assert.ok(unsnappy(compressSync(zeros)).equals(zeros));
  });

  it('refuses what is damaged, and never reads or writes outside', () => {
    const block = compressSync(content(3000));
    for (let i = 0; i < 5000; i++) {
      const mutant = Buffer.from(block.subarray(0, random(2) === 0 ? block.length : random(block.length)));
      for (let n = 0; n < 2 && mutant.length > 0; n++) mutant[random(mutant.length)] = random(256);
      try {
        assert.equal(unsnappy(mutant).length, snappyLength(mutant));
      } catch (error) {
        assert.ok(error instanceof Refusal && error.reason === 'malformed', String(error));
      }
    }
  });
});
