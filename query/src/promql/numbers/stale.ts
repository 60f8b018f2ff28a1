import { STALE_NAN_BITS } from '@signalbox/signals/prometheus/types';

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
new BigUint64Array(FLOAT.buffer)[0] = STALE_NAN_BITS;

const LOW_WORD = WORDS[0];
const HIGH_WORD = WORDS[1] ?? 0;
/** The marker is a signalling NaN; V8 sets the quiet bit of one that passes through an array of doubles. */
const QUIET_BIT = 0x0008_0000;

/** Prometheus' stale marker as a number. */
export const STALE_NAN: number = FLOAT[0] ?? NaN;

/** A view on the values' bits, for `isStaleAt`. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Whether the value at `index` is a stale marker. */
export function isStaleAt(words: Uint32Array, index: number): boolean {
  return words[index * 2] === LOW_WORD && ((words[index * 2 + 1] ?? 0) & ~QUIET_BIT) === HIGH_WORD;
}

/** Whether a number is a stale marker. */
export function isStale(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  FLOAT[0] = value;
  return isStaleAt(WORDS, 0);
}
