import assert from 'node:assert/strict';
import fc from 'fast-check';
import { copyWords, hashOfWords, sameWords } from './words.js';

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const bytes = fc.uint8Array({ minLength: 4, maxLength: 40 });

describe('bytes by words', () => {
  it('are the same where all of them are, wherever they lie', () => {
    fc.assert(fc.property(bytes, fc.nat(9), fc.nat(39), (some, before, at) => {
      const other = new Uint8Array(before + some.length);
      copyWords(viewOf(other), before, viewOf(some), 0, some.length);
      assert.deepEqual(other.subarray(before), some);
      assert.ok(sameWords(viewOf(some), 0, viewOf(other), before, some.length));
      assert.equal(hashOfWords(viewOf(other), before, before + some.length, 7), hashOfWords(viewOf(some), 0, some.length, 7));
      other[before + (at % some.length)] ^= 1;
      assert.ok(!sameWords(viewOf(some), 0, viewOf(other), before, some.length));
    }));
  });

  it('give hashes that differ in their low bits where one byte does, whichever it is', () => {
    for (const length of [4, 7, 8, 12, 21, 40]) {
      for (let at = 0; at < length; at++) {
        const places = new Set<number>();
        for (let value = 0; value < 64; value++) {
          const some = new Uint8Array(length).fill(0x2d);
          some[at] = value;
          places.add(hashOfWords(viewOf(some), 0, length, 0) & 4095);
        }
        assert.ok(places.size > 40, `${places.size} places for byte ${at} of ${length}`);
      }
    }
  });
});
