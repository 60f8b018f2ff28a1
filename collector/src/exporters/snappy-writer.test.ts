import { strict as assert } from 'node:assert';
import { uncompressSync } from 'snappy';
import { MAX_LITERAL, SnappyWriter } from './snappy-writer.js';
import { Random } from './testing/random-logs.js';

describe('exporters/snappy-writer', () => {
  const seed = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

  it('writes what snappy reads: literals and repetitions of every length and distance', () => {
    const writer = new SnappyWriter(64);
    const numbers = new Random(seed);
    const noise = Buffer.alloc(MAX_LITERAL + 5000);
    for (let i = 0; i < noise.length; i++) noise[i] = numbers.below(256);
    for (let round = 0; round < 60; round++) {
      const random = new Random(seed + round);
      const most = [4, 61, 300, noise.length][round % 4]!;
      let expected = Buffer.alloc(0);
      writer.begin();
      for (let piece = 0; piece < 12; piece++) {
        const length = 1 + random.below(most);
        if (expected.length === 0 || random.often(0.4)) {
          const bytes = noise.subarray(noise.length - length);
          writer.bytes(bytes);
          expected = Buffer.concat([expected, bytes]);
        } else {
          // Some go on where the one before ended.
          const from = random.often(0.5) ? random.below(expected.length) : Math.max(0, expected.length - 1 - random.below(3000));
          const bytes = Math.min(length, expected.length - from);
          const split = random.below(bytes);
          for (const [at, of] of [[from, split], [from + split, bytes - split]] as const) if (of > 0) writer.copy(at, of);
          expected = Buffer.concat([expected, expected.subarray(from, from + bytes)]);
        }
        assert.equal(writer.length, expected.length);
      }
      assert.ok(expected.equals(uncompressSync(writer.finish()) as Buffer), `seed ${seed + round}`);
    }
  });
});
