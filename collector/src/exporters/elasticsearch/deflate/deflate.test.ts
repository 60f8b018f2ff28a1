import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { randomOf } from '../seeded-random.test.js';
import { RepeatsGzip } from './gzip-repeats.js';
import { codeLengths, codesOf } from './prefix-code.js';
import { Repeats } from './repeats.js';
import { DISTANCE_BASES, DISTANCE_EXTRA_BITS, distanceSymbol, MAX_DISTANCE } from './symbols.js';

/** A text of new bytes and of pieces from anywhere in front, with what is repeated. */
function textOf(random: (below: number) => number, pieces: number, longest: number, alphabet: number): { readonly text: Buffer; readonly repeats: Repeats } {
  const repeats = new Repeats();
  let text = Buffer.alloc(0);
  for (let i = 0; i < pieces; i++) {
    const length = 1 + random(longest);
    const at = text.length;
    if (at > 0 && random(3) > 0) {
      const source = random(at);
      const piece = Buffer.alloc(length);
      // What overlaps itself repeats what it has just written.
      for (let k = 0; k < length; k++) piece[k] = source + k < at ? text[source + k]! : piece[source + k - at]!;
      repeats.add(at, length, source);
      text = Buffer.concat([text, piece]);
    } else text = Buffer.concat([text, Buffer.from(Uint8Array.from({ length }, () => random(alphabet)))]);
  }
  return { text, repeats };
}

const gzip = new RepeatsGzip();

function assertSame(text: Buffer, from: number, to: number, repeats: Repeats, what: string): Buffer {
  const compressed = gzip.compress(text, from, to, repeats);
  assert.ok(gunzipSync(compressed).equals(text.subarray(from, to)), what);
  return compressed;
}

describe('exporters/elasticsearch/deflate', () => {
  it('makes what gunzip reads, of any text, whole or a part', () => {
    for (let seed = 0; seed < 400; seed++) {
      const random = randomOf(seed);
      const { text, repeats } = textOf(random, random(60), [1, 5, 40, 700][random(4)]!, [1, 2, 16, 256][random(4)]!);
      assertSame(text, 0, text.length, repeats, `seed ${seed}`);
      const from = random(text.length + 1);
      assertSame(text, from, from + random(text.length - from + 1), repeats, `part, seed ${seed}`);
    }
  });

  it('does so for distances and lengths at their bounds', () => {
    for (const [ahead, length] of [[1, 3], [1, 100_000], [MAX_DISTANCE, 258], [MAX_DISTANCE, 259], [MAX_DISTANCE, 260], [MAX_DISTANCE + 1, 261], [257, 516], [256, 519], [193, 4]] as const) {
      const random = randomOf(length);
      const first = Buffer.from(Uint8Array.from({ length: ahead }, () => random(256)));
      const text = Buffer.from(Uint8Array.from({ length: ahead + length }, (_, i) => first[i % ahead]!));
      const repeats = new Repeats();
      repeats.add(ahead, length, 0);
      const compressed = assertSame(text, 0, text.length, repeats, `${ahead} ${length}`);
      if (ahead <= MAX_DISTANCE && length > 99_999) assert.ok(compressed.length < 1000);
    }
  });

  it('does so for more than one block, and for texts that hardly repeat', () => {
    const random = randomOf(7);
    const text = Buffer.from(Uint8Array.from({ length: 900_000 }, () => random(256)));
    const repeats = new Repeats();
    for (let at = 8; at + 6 < text.length; at += 12) {
      text.copy(text, at, at - 8, at - 3);
      repeats.add(at, 5, at - 8);
    }
    assertSame(text, 0, text.length, repeats, 'several blocks');
    const noise = assertSame(text, 0, text.length, new Repeats(), 'nothing known');
    assert.ok(noise.length < text.length * 1.01);
    assertSame(text, 0, 0, new Repeats(), 'nothing');
  });

  it('forgets repeats that were taken back', () => {
    const repeats = new Repeats();
    repeats.add(10, 5, 0);
    repeats.add(15, 5, 5);
    repeats.add(30, 4, 2);
    assert.deepEqual([repeats.count, repeats.bytes], [2, 14]);
    repeats.rewind(12);
    assert.deepEqual([repeats.count, repeats.bytes, repeats.at(0), repeats.length(0), repeats.source(0)], [1, 2, 10, 2, 0]);
    repeats.rewind(10);
    assert.deepEqual([repeats.count, repeats.bytes], [0, 0]);
  });

  it('makes codes that are complete, prefix-free and no longer than may be', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = randomOf(seed);
      const maxBits = [7, 9, 15][random(3)]!;
      const symbols = 2 + random(maxBits === 7 ? 17 : 284);
      const steep = random(2) === 0;
      const lengths = codeLengths(Uint32Array.from({ length: symbols }, (_, i) => (steep ? Math.min(2 ** 30, Math.floor(1.7 ** i)) : random(1000))), maxBits);
      const used = [...lengths].filter((bits) => bits > 0);
      assert.ok(used.every((bits) => bits <= maxBits));
      assert.equal(used.reduce((sum, bits) => sum + 2 ** (maxBits - bits), 0), 2 ** maxBits, `seed ${seed}`);
      const codes = codesOf(lengths, maxBits);
      const texts = [...codes].map((code, symbol) => code.toString(2).padStart(lengths[symbol]!, '0').split('').reverse().join('')).filter((_, symbol) => lengths[symbol]! > 0).sort();
      for (let i = 1; i < texts.length; i++) assert.ok(!texts[i]!.startsWith(texts[i - 1]!));
    }
  });

  it('knows the symbol of every distance', () => {
    for (let distance = 1; distance <= MAX_DISTANCE; distance++) {
      const symbol = distanceSymbol(distance);
      const rest = distance - DISTANCE_BASES[symbol]!;
      assert.ok(rest >= 0 && rest < 1 << DISTANCE_EXTRA_BITS[symbol]!, String(distance));
    }
  });
});
