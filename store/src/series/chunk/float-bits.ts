import type { ByteSink } from './byte-sink.js';
import type { ByteSource } from './byte-source.js';

/**
 * Columns of floats as 64-bit words, every NaN with its own bits. Words come as pairs (low, high) of a Uint32Array.
 *
 * `differences`: like whole numbers, each word's difference to the one before in as many bits as the range needs. Good for
 * values that drift.
 * `xor`: each word's difference by XOR, without the zeros around it (Pelkonen et al., Gorilla, 2015, section 4.1.2). Good for
 * values that repeat.
 */
interface DifferencePlan {
  readonly leastLow: number;
  readonly leastHigh: number;
  readonly width: number;
  readonly bytes: number;
}

const TWO_32 = 2 ** 32;

export function planDifferences(words: Uint32Array, from: number, to: number): DifferencePlan {
  let leastLow = 0;
  let leastHigh = 0;
  let mostLow = 0;
  let mostHigh = 0;
  for (let i = from + 1; i < to; i++) {
    const low = (words[2 * i] - words[2 * i - 2]) >>> 0;
    const high = (words[2 * i + 1] - words[2 * i - 1] - (words[2 * i] < words[2 * i - 2] ? 1 : 0)) | 0;
    if (i === from + 1 || high < leastHigh || (high === leastHigh && low < leastLow)) [leastLow, leastHigh] = [low, high];
    if (i === from + 1 || high > mostHigh || (high === mostHigh && low > mostLow)) [mostLow, mostHigh] = [low, high];
  }
  const rangeLow = (mostLow - leastLow) >>> 0;
  const rangeHigh = (mostHigh - leastHigh - (mostLow < leastLow ? 1 : 0)) >>> 0;
  const width = rangeHigh !== 0 ? 64 - Math.clz32(rangeHigh) : 32 - Math.clz32(rangeLow);
  return { leastLow, leastHigh, width, bytes: 17 + Math.ceil(((to - from - 1) * width) / 8) };
}

export function writeDifferences(sink: ByteSink, words: Uint32Array, from: number, to: number, { leastLow, leastHigh, width }: DifferencePlan): void {
  sink.reserve(32 + Math.ceil(((to - from) * width) / 8));
  sink.word(words[2 * from]);
  sink.word(words[2 * from + 1]);
  sink.word(leastLow);
  sink.word(leastHigh);
  sink.byte(width);
  for (let i = from + 1; i < to; i++) {
    const low = (words[2 * i] - words[2 * i - 2]) >>> 0;
    const high = words[2 * i + 1] - words[2 * i - 1] - (words[2 * i] < words[2 * i - 2] ? 1 : 0);
    sink.bits32((low - leastLow) >>> 0, Math.min(32, width));
    if (width > 32) sink.bits32((high - leastHigh - (low < leastLow ? 1 : 0)) >>> 0, width - 32);
  }
  sink.align();
}

export function readDifferences(source: ByteSource, words: Uint32Array, at: number, count: number): void {
  let low = source.word();
  let high = source.word();
  const leastLow = source.word();
  const leastHigh = source.word();
  const width = Math.min(64, source.byte());
  const lowBits = Math.min(32, width);
  words[2 * at] = low;
  words[2 * at + 1] = high;
  source.beginBits();
  for (let i = at + 1; i < at + count; i++) {
    const addLow = source.bits32(lowBits) + leastLow;
    const addHigh = (width > 32 ? source.bits32(width - 32) : 0) + leastHigh + (addLow >= TWO_32 ? 1 : 0);
    const sum = low + (addLow >>> 0);
    high = (high + addHigh + (sum >= TWO_32 ? 1 : 0)) >>> 0;
    low = sum >>> 0;
    words[2 * i] = low;
    words[2 * i + 1] = high;
  }
  source.endBits();
}

/** Leading zeros are told in five bits, the length of what is not zero in six (0: 64). */
export function writeXor(sink: ByteSink, words: Uint32Array, from: number, to: number): void {
  sink.reserve(16 + (to - from) * 10);
  let low = words[2 * from];
  let high = words[2 * from + 1];
  sink.word(low);
  sink.word(high);
  let leading = 64;
  let trailing = 64;
  for (let i = from + 1; i < to; i++) {
    const xorLow = (words[2 * i] ^ low) >>> 0;
    const xorHigh = (words[2 * i + 1] ^ high) >>> 0;
    low = words[2 * i];
    high = words[2 * i + 1];
    if ((xorLow | xorHigh) === 0) {
      sink.bits(0, 1);
      continue;
    }
    const before = Math.min(31, xorHigh !== 0 ? Math.clz32(xorHigh) : 32 + Math.clz32(xorLow));
    const after = xorLow !== 0 ? 31 - Math.clz32(xorLow & -xorLow) : 63 - Math.clz32(xorHigh & -xorHigh);
    if (before >= leading && after >= trailing && leading + trailing + 12 >= before + after) sink.bits(1, 2);
    else {
      leading = before;
      trailing = after;
      sink.bits(3, 2);
      sink.bits(leading, 5);
      sink.bits((64 - leading - trailing) & 63, 6);
    }
    const length = 64 - leading - trailing;
    if (trailing >= 32) sink.bits32(xorHigh >>> (trailing - 32), length);
    else {
      const lowBits = Math.min(length, 32 - trailing);
      sink.bits32(xorLow >>> trailing, lowBits);
      if (length > lowBits) sink.bits32(xorHigh, length - lowBits);
    }
  }
  sink.align();
}

export function readXor(source: ByteSource, words: Uint32Array, at: number, count: number): void {
  let low = source.word();
  let high = source.word();
  words[2 * at] = low;
  words[2 * at + 1] = high;
  let trailing = 0;
  let length = 0;
  source.beginBits();
  for (let i = at + 1; i < at + count; i++) {
    if (source.bits(1) === 1) {
      if (source.bits(1) === 1) {
        const leading = source.bits(5);
        length = source.bits(6) || 64;
        trailing = Math.max(0, 64 - leading - length);
      }
      if (trailing >= 32) high ^= source.bits32(length) << (trailing - 32);
      else {
        const lowBits = Math.min(length, 32 - trailing);
        low ^= source.bits32(lowBits) << trailing;
        if (length > lowBits) high ^= source.bits32(Math.min(32, length - lowBits));
      }
    }
    words[2 * i] = low;
    words[2 * i + 1] = high;
  }
  source.endBits();
}
