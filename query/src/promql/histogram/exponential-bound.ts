const FINEST = 8;

let fractions: Float64Array | null = null;

/**
 * 2^(k/256 - 1) for k from 0 to 255, to the last bit as Prometheus has them, since people see them as bounds: every other
 * one is the coarser schema's, the one after it is that times the schema's base.
 */
function boundFractions(): Float64Array {
  if (fractions !== null) return fractions;
  let found = Float64Array.of(0.5);
  for (let schema = 1; schema <= FINEST; schema++) {
    const coarser = found;
    // Go's square root of two by Exp2 is one bit less than JavaScript's.
    const base = schema === 1 ? 1.414213562373095 : 2 ** (2 ** -schema);
    found = Float64Array.from({ length: 2 ** schema }, (_, i) => (coarser[i >> 1] ?? NaN) * (i % 2 === 0 ? 1 : base));
  }
  fractions = found;
  return found;
}

/** The upper bound of bucket `index` at an exponential schema (-4 to 8): 2^(index · 2^-schema). */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    // The bucket of the largest numbers ends at the largest, one more takes infinity.
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const exponent = (index >> schema) + 1;
  const fraction = boundFractions()[(index & ((1 << schema) - 1)) << (FINEST - schema)] ?? NaN;
  const power = powers()[exponent + POWERS_BELOW];
  if (power !== undefined) return fraction * power;
  if (fraction === 0.5 && exponent === 1025) return Number.MAX_VALUE;
  // In two steps, since 2^1024 alone would overflow.
  return exponent > 0 ? fraction * 2 ** 1000 * 2 ** (exponent - 1000) : fraction * 2 ** -1000 * 2 ** (exponent + 1000);
}

const POWERS_BELOW = 1000;

let powersOfTwo: Float64Array | null = null;

/** 2^-1000 to 2^1000: raising anew for each bound takes longer than all else. */
function powers(): Float64Array {
  return (powersOfTwo ??= Float64Array.from({ length: 2 * POWERS_BELOW + 1 }, (_, i) => 2 ** (i - POWERS_BELOW)));
}
