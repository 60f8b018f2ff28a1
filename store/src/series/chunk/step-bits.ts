import type { ByteSink } from './byte-sink.js';
import type { ByteSource } from './byte-source.js';

/**
 * Columns of floats as 64-bit words (pairs of low and high in a Uint32Array): the first one, then each one's difference to the one before,
 * in runs of differences that have a width of their own. For values that go step by step, as counters of seconds and gauges do: the closer
 * to zero a value is, the more bits the same step takes, so one width for all would be that of the least value.
 *
 *     first (64 bits) | per run: width (0–64; 128 more where the differences are zigzag) | differences
 */
const RUN = 32;
const SIGNED = 0x80;

/** Bytes that `writeSteps` takes. */
export function planSteps(words: Uint32Array, from: number, to: number): number {
  let bytes = 8;
  for (let i = from + 1; i < to; i += RUN) {
    const end = Math.min(to, i + RUN);
    bytes += 1 + Math.ceil(((end - i) * (runWidth(words, i, end) & ~SIGNED)) / 8);
  }
  return bytes;
}

export function writeSteps(sink: ByteSink, words: Uint32Array, from: number, to: number): void {
  sink.reserve(planSteps(words, from, to) + 16);
  sink.word(words[2 * from]);
  sink.word(words[2 * from + 1]);
  for (let i = from + 1; i < to; i += RUN) {
    const end = Math.min(to, i + RUN);
    const head = runWidth(words, i, end);
    const width = head & ~SIGNED;
    const lowBits = Math.min(32, width);
    sink.byte(head);
    for (let at = i; at < end; at++) {
      const low = (words[2 * at] - words[2 * at - 2]) >>> 0;
      const high = differenceHigh(words, at);
      const sign = (head & SIGNED) !== 0 ? high >> 31 : 0;
      sink.bits32((head & SIGNED) !== 0 ? (low << 1) ^ sign : low, lowBits);
      if (width > 32) sink.bits32((head & SIGNED) !== 0 ? ((high << 1) | (low >>> 31)) ^ sign : high, width - 32);
    }
    sink.align();
  }
}

export function readSteps(source: ByteSource, words: Uint32Array, first: number, count: number): void {
  let low = source.word();
  let high = source.word();
  words[2 * first] = low;
  words[2 * first + 1] = high;
  for (let i = first + 1; i < first + count; i += RUN) {
    const end = Math.min(first + count, i + RUN);
    const head = source.byte();
    const signed = (head & SIGNED) !== 0;
    const width = Math.min(64, head & ~SIGNED);
    const lowBits = Math.min(32, width);
    source.beginBits();
    for (let at = i; at < end; at++) {
      let addLow = source.bits32(lowBits);
      let addHigh = width > 32 ? source.bits32(width - 32) : 0;
      if (signed) {
        const sign = -(addLow & 1);
        addLow = (((addLow >>> 1) | (addHigh << 31)) ^ sign) >>> 0;
        addHigh = (addHigh >>> 1) ^ sign;
      }
      const sum = low + addLow;
      low = sum >>> 0;
      high = (high + addHigh + (sum > low ? 1 : 0)) >>> 0;
      words[2 * at] = low;
      words[2 * at + 1] = high;
    }
    source.endBits();
  }
}

/** How many bits the differences of a run take each; with SIGNED where one of them is negative. */
function runWidth(words: Uint32Array, from: number, to: number): number {
  let high = 0;
  let low = 0;
  let signs = 0;
  for (let at = from; at < to; at++) {
    const differenceOfHigh = differenceHigh(words, at);
    const sign = differenceOfHigh >> 31;
    signs |= sign;
    high |= differenceOfHigh ^ sign;
    low |= (words[2 * at] - words[2 * at - 2]) ^ sign;
  }
  const width = high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
  return signs === 0 ? width : (width + 1) | SIGNED;
}

function differenceHigh(words: Uint32Array, at: number): number {
  return (words[2 * at + 1] - words[2 * at - 1] - (words[2 * at] < words[2 * at - 2] ? 1 : 0)) | 0;
}
