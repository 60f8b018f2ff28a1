/**
 * Thresholds and randomness of the OpenTelemetry specification (trace/tracestate-probability-sampling), 56 bits each, here as 14
 * lowercase hexadecimal digits, so that they compare as texts. An item is sampled where its randomness is at least the threshold.
 */
export type Hex56 = string;

export const ALWAYS: Hex56 = '0'.repeat(14);
const BITS_56 = 2 ** 56;

/**
 * The threshold of a probability, rounded to so many digits beside those that the probability's size takes anyway.
 * Null where none is left to sample.
 */
export function thresholdOf(probability: number, precision: number): Hex56 | null {
  if (probability >= 1) return ALWAYS;
  if (!(probability >= 1 / BITS_56)) return null;
  // Leading f or 0 digits tell nothing of the ratio: they come on top of the precision.
  const leading = Math.max(Math.floor(-Math.log2(probability) / 4), Math.floor(-Math.log2(1 - probability) / 4));
  const digits = Math.min(14, precision + leading);
  const shift = BigInt(4 * (14 - digits));
  let reject = BigInt(BITS_56) - BigInt(Math.round(probability * BITS_56));
  if (shift > 0n) reject = ((reject + (1n << (shift - 1n))) >> shift) << shift;
  return reject >= BigInt(BITS_56) ? null : hex56(reject);
}

function hex56(value: bigint): Hex56 {
  return value.toString(16).padStart(14, '0');
}

export function probabilityOf(threshold: Hex56): number {
  return Number(BigInt(BITS_56) - BigInt(`0x${threshold}`)) / BITS_56;
}

/** As it is written in tracestate: without the zeros at its end. */
export function thresholdText(threshold: Hex56): string {
  return threshold.replace(/0+$/, '') || '0';
}

/** Null where the text is no threshold. */
export function parseThreshold(text: string): Hex56 | null {
  return /^[0-9a-f]{1,14}$/.test(text) ? text.padEnd(14, '0') : null;
}

/** Null where the text is no randomness. */
export function parseRandomness(text: string): Hex56 | null {
  return /^[0-9a-f]{14}$/.test(text) ? text : null;
}

const HASH_BITS = 14;

/** Sampled in 14 bits by FNV-1a over seed and bytes, made into 56 bits of the same decision, as the OpenTelemetry Collector does. */
export function hashedRandomness(bytes: Uint8Array, seed: number): Hex56 {
  let hash = 0x811c9dc5;
  for (let i = 0; i < 4; i++) hash = Math.imul(hash ^ ((seed >>> (8 * i)) & 0xff), 0x01000193);
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash >>>= 0;
  const low = hash & 0x3fff;
  const high = hash >>> (32 - HASH_BITS);
  const mixed = (high ^ (high << 10)) >>> 0;
  return hex56((BigInt(0x3fff - low) << 42n) | (BigInt(mixed) << 14n) | BigInt(low));
}

/** The threshold of the 14 bits; null where the percentage is too small for them. */
export function hashedThreshold(percentage: number): Hex56 | null {
  // In single precision throughout, so that thresholds are those of collectors that have sampled before.
  const accepted = Math.floor(Math.fround(Math.fround(Math.min(100, percentage)) * Math.fround(0x4000 / 100)));
  return accepted === 0 ? null : hex56(BigInt(0x4000 - accepted) << 42n);
}
