const FINEST = 8;
const FRACTION_BITS = 128n;

let fractions: Float64Array | null = null;

/**
 * 2^(k/256 - 1) for k from 0 to 255, each rounded once. Math.pow is off by a last digit here and there, which would show
 * in the bounds that people see; hence square roots and products of integers with 128 binary places.
 */
function boundFractions(): Float64Array {
  if (fractions !== null) return fractions;
  const one = 1n << FRACTION_BITS;
  let root = 2n << FRACTION_BITS;
  for (let i = 0; i < FINEST; i++) root = squareRoot(root << FRACTION_BITS);
  const found = new Float64Array(1 << FINEST);
  let power = one;
  for (let k = 0; k < found.length; k++) {
    // 53 bits of the mantissa: power lies between 1 and 2.
    const shift = FRACTION_BITS - 52n;
    const rounded = (power + (1n << (shift - 1n))) >> shift;
    found[k] = Number(rounded) / 2 ** 53;
    power = (power * root) >> FRACTION_BITS;
  }
  fractions = found;
  return found;
}

function squareRoot(value: bigint): bigint {
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** The upper bound of bucket `index` at an exponential schema (-4 to 8): 2^(index · 2^-schema). */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    // The bucket of the largest numbers ends at the largest, one more takes infinity.
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const perPower = 2 ** schema;
  const exponent = Math.floor(index / perPower) + 1;
  const fraction = boundFractions()[(index - (exponent - 1) * perPower) * 2 ** (FINEST - schema)] ?? NaN;
  if (fraction === 0.5 && exponent === 1025) return Number.MAX_VALUE;
  // In two steps, since 2^1024 alone would overflow.
  return exponent > 1000 ? fraction * 2 ** 1000 * 2 ** (exponent - 1000) : exponent < -1000 ? fraction * 2 ** -1000 * 2 ** (exponent + 1000) : fraction * 2 ** exponent;
}
