import { codeLengths, codesOf } from './prefix-code.js';
import { DISTANCE_SYMBOLS, FIRST_LENGTH_SYMBOL, LENGTH_EXTRA_BITS, LENGTH_REST_OF, LENGTH_SYMBOL_OF, LITERAL_SYMBOLS, MAX_LENGTH, MIN_LENGTH } from './symbols.js';

/** The format allows 15; two literals of 12 bits are written at once. */
const MAX_BITS = 12;
const MAX_LENGTH_BITS = 7;
/** The order in which the lengths of the code for lengths are told (RFC 1951, section 3.2.7). */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** Repeats the length before 3 to 6 times; 0 3 to 10 times; 0 11 to 138 times. */
const AGAIN = 16;
const ZEROS = 17;
const MANY_ZEROS = 18;
const RUN_EXTRA_BITS = [2, 3, 7];

/** The code of a block, in which every symbol can be written. */
export class BlockCode {
  /** For each symbol its bits as they are written, times 16, and how many they are. */
  readonly literals: Uint32Array;
  readonly distances: Uint32Array;
  /** For each length of a repeat its symbol and what says its place in the symbol's range: their bits, times 32, and how many they are. */
  readonly lengths = new Uint32Array(MAX_LENGTH + 1);
  private readonly description: readonly number[];

  /** @param literalCounts about how often each symbol is to be written, in proportion; likewise `distanceCounts` */
  constructor(literalCounts: Uint32Array, distanceCounts: Uint32Array) {
    const literals = codeLengths(literalCounts.map(atLeastOnce), MAX_BITS);
    const distances = codeLengths(distanceCounts.map(atLeastOnce), MAX_BITS);
    this.description = [...literals, ...distances];
    this.literals = packed(literals);
    this.distances = packed(distances);
    for (let length = MIN_LENGTH; length <= MAX_LENGTH; length++) {
      const symbol = LENGTH_SYMBOL_OF[length];
      const code = this.literals[symbol];
      const bits = code & 0xf;
      this.lengths[length] = (((code >>> 4) | (LENGTH_REST_OF[length] << bits)) << 5) | (bits + LENGTH_EXTRA_BITS[symbol - FIRST_LENGTH_SYMBOL]);
    }
  }

  /** The code itself, as it stands in front of a block. */
  describe(put: (value: number, bits: number) => void): void {
    const runs = runsOf(this.description);
    const counts = new Uint32Array(LENGTHS_ORDER.length);
    for (const { symbol } of runs) counts[symbol]++;
    const lengths = codeLengths(counts, MAX_LENGTH_BITS);
    const codes = codesOf(lengths, MAX_LENGTH_BITS);
    let told = LENGTHS_ORDER.length;
    while (told > 4 && lengths[LENGTHS_ORDER[told - 1]] === 0) told--;
    put(LITERAL_SYMBOLS - FIRST_LENGTH_SYMBOL, 5);
    put(DISTANCE_SYMBOLS - 1, 5);
    put(told - 4, 4);
    for (let i = 0; i < told; i++) put(lengths[LENGTHS_ORDER[i]], 3);
    for (const { symbol, rest } of runs) {
      put(codes[symbol], lengths[symbol]);
      if (symbol >= AGAIN) put(rest, RUN_EXTRA_BITS[symbol - AGAIN]);
    }
  }
}

interface Run {
  readonly symbol: number;
  /** What its extra bits say. */
  readonly rest: number;
}

/** Lengths with what follows itself told once. */
function runsOf(lengths: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < lengths.length; ) {
    const length = lengths[i];
    let end = i + 1;
    while (end < lengths.length && lengths[end] === length) end++;
    let left = end - i;
    i = end;
    if (length > 0) {
      runs.push({ symbol: length, rest: 0 });
      left--;
    }
    while (left >= 3) {
      const some = Math.min(left, length > 0 ? 6 : 138);
      runs.push(length > 0 ? { symbol: AGAIN, rest: some - 3 } : some <= 10 ? { symbol: ZEROS, rest: some - 3 } : { symbol: MANY_ZEROS, rest: some - 11 });
      left -= some;
    }
    for (; left > 0; left--) runs.push({ symbol: length, rest: 0 });
  }
  return runs;
}

function atLeastOnce(count: number): number {
  return count + 1;
}

function packed(lengths: Uint8Array): Uint32Array {
  const codes = codesOf(lengths, MAX_BITS);
  return Uint32Array.from(codes, (code, symbol) => (code << 4) | lengths[symbol]);
}
