import { STALE_NAN_BITS } from '../types.js';

const STALE_HIGH = Number(STALE_NAN_BITS >> 32n);
const STALE_LOW = Number(STALE_NAN_BITS & 0xffff_ffffn);
/** Which of the two halves of a double is the higher one in memory. */
export const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
export const LOW_WORD = 1 - HIGH_WORD;

/**
 * The stale marker is a signalling NaN, which any arithmetic on the way, and some plain moves of a compiled program, turn into a
 * quiet one. So it is written and recognized as two halves of bits, in the memory of the samples.
 */
export function bitsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Whether the sample is a stale marker. Other NaNs are values. */
export function isStale(values: Float64Array, index: number): boolean {
  const value = values[index]!;
  if (value === value) return false;
  const bits = bitsOf(values);
  return bits[index * 2 + HIGH_WORD] === STALE_HIGH && bits[index * 2 + LOW_WORD] === STALE_LOW;
}

export function setStale(values: Float64Array, index: number): void {
  setBits(values, index, STALE_LOW, STALE_HIGH);
}

/** Sets a sample to the number that has these halves. */
export function setBits(values: Float64Array, index: number, low: number, high: number): void {
  const bits = bitsOf(values);
  bits[index * 2 + HIGH_WORD] = high;
  bits[index * 2 + LOW_WORD] = low;
}

export function isStaleBits(low: number, high: number): boolean {
  return high === STALE_HIGH && low === STALE_LOW;
}

/** Both halves of a sample, low first. */
export function halves(values: Float64Array, index: number): readonly [low: number, high: number] {
  const bits = bitsOf(values);
  return [bits[index * 2 + LOW_WORD]!, bits[index * 2 + HIGH_WORD]!];
}
