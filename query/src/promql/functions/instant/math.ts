/** Functions of one value. Those of several take the call's scalars at the same step. */
export const MATH: ReadonlyMap<string, (value: number, params: readonly number[]) => number> = new Map([
  ['abs', Math.abs], ['ceil', Math.ceil], ['floor', Math.floor], ['exp', Math.exp], ['sqrt', Math.sqrt],
  ['ln', Math.log], ['log2', Math.log2], ['log10', Math.log10],
  ['sin', Math.sin], ['cos', Math.cos], ['tan', Math.tan], ['asin', Math.asin], ['acos', Math.acos], ['atan', Math.atan],
  ['sinh', sinh], ['cosh', cosh], ['tanh', Math.tanh], ['asinh', Math.asinh], ['acosh', Math.acosh], ['atanh', Math.atanh],
  ['deg', (value: number) => (value * 180) / Math.PI], ['rad', (value: number) => (value * Math.PI) / 180],
  ['sgn', (value: number) => (value < 0 ? -1 : value > 0 ? 1 : value)],
  ['round', (value: number, [nearest = 1]: readonly number[]) => Math.floor(value * (1 / nearest) + 0.5) / (1 / nearest)],
  ['clamp_min', (value: number, [least = NaN]: readonly number[]) => greater(least, value)],
  ['clamp_max', (value: number, [most = NaN]: readonly number[]) => less(most, value)],
  ['clamp', (value: number, [least = NaN, most = NaN]: readonly number[]) => greater(least, less(most, value))],
]);

/** Go's math.Max: infinity is greater than what is no number. */
export function greater(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** Go's math.Min. */
export function less(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}

/** Where Go's math.Sinh and math.Cosh are half of an exponential, which overflows before it is halved. */
const LARGE = 21;

function sinh(value: number): number {
  return Math.abs(value) > LARGE ? Math.sign(value) * Math.exp(Math.abs(value)) * 0.5 : Math.sinh(value);
}

function cosh(value: number): number {
  return Math.abs(value) > LARGE ? Math.exp(Math.abs(value)) * 0.5 : Math.cosh(value);
}

/** Go's math.Pow, which differs where the base is 1 and the exponent is not a number, or the base is -1 and it is infinite. */
export function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  return base ** exponent;
}
