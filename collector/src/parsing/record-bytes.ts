import { putVarint } from './log-request.js';

/** From here on the native copy is cheaper than a loop. */
const NATIVE_COPY = 128;

const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  HEX['0123456789abcdef'.charCodeAt(i)] = i;
  HEX['0123456789ABCDEF'.charCodeAt(i)] = i;
}

/** Whether so many digits are hexadecimal, and not all of them 0. */
export function isHexId(line: Uint8Array, start: number, digits: number): boolean {
  let any = 0;
  for (let i = 0; i < digits; i++) {
    const digit = HEX[line[start + i]!]!;
    if (digit < 0) return false;
    any |= digit;
  }
  return any !== 0;
}

/** Bytes of `count` pairs of hexadecimal digits; answers where to go on. */
export function putHex(bytes: Uint8Array, at: number, line: Uint8Array, start: number, count: number): number {
  for (let i = 0; i < count; i++) bytes[at + i] = (HEX[line[start + 2 * i]!]! << 4) | HEX[line[start + 2 * i + 1]!]!;
  return at + count;
}

/** A length and the bytes; answers where to go on. */
export function putBytes(view: DataView, bytes: Uint8Array, at: number, fromView: DataView, from: Uint8Array, start: number, end: number): number {
  at = putVarint(bytes, at, end - start);
  if (end - start >= NATIVE_COPY) return copy(bytes, at, from, start, end);
  let i = start;
  for (; i + 4 <= end; i += 4, at += 4) view.setInt32(at, fromView.getInt32(i, true), true);
  for (; i < end; i++) bytes[at++] = from[i]!;
  return at;
}

export function copy(bytes: Uint8Array, at: number, from: Uint8Array, start: number, end: number): number {
  bytes.set(from.subarray(start, end), at);
  return at + end - start;
}

/** Of whole numbers up to 2^53. */
export function wideVarintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Whole numbers up to 2^53. */
export function putWideVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 128) {
    bytes[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}
