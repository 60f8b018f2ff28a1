import { OttlFailure } from '../error.js';
import type { MathOperator } from '../parsing/syntax.js';
import { DurationValue, TimeValue, typeOf, type OttlValue } from '../values.js';

/**
 * Ints stay ints (64 bits, division towards zero), with a float both become floats; times and durations add and subtract.
 * @throws OttlFailure on other types and on division of an int by zero
 */
export function calculate(operator: MathOperator, a: OttlValue, b: OttlValue): OttlValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return ofInts(operator, a, b);
  if ((typeof a === 'number' || typeof a === 'bigint') && (typeof b === 'number' || typeof b === 'bigint')) return ofFloats(operator, Number(a), Number(b));
  if (operator === '+') {
    if (a instanceof TimeValue && b instanceof DurationValue) return new TimeValue(a.ns + b.ns);
    if (a instanceof DurationValue && b instanceof TimeValue) return new TimeValue(a.ns + b.ns);
    if (a instanceof DurationValue && b instanceof DurationValue) return new DurationValue(a.ns + b.ns);
  }
  if (operator === '-') {
    if (a instanceof TimeValue && b instanceof TimeValue) return new DurationValue(a.ns - b.ns);
    if (a instanceof TimeValue && b instanceof DurationValue) return new TimeValue(a.ns - b.ns);
    if (a instanceof DurationValue && b instanceof DurationValue) return new DurationValue(a.ns - b.ns);
  }
  throw new OttlFailure(`there is no '${operator}' between ${typeOf(a)} and ${typeOf(b)}`);
}

function ofInts(operator: MathOperator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, a + b);
    case '-':
      return BigInt.asIntN(64, a - b);
    case '*':
      return BigInt.asIntN(64, a * b);
    case '/':
      if (b === 0n) throw new OttlFailure('division by zero');
      return BigInt.asIntN(64, a / b);
  }
}

function ofFloats(operator: MathOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw new OttlFailure('division by zero');
      return a / b;
  }
}
