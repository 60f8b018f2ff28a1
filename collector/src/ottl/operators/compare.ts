import type { CompareOperator } from '../parsing/syntax.js';
import { DurationValue, equalValues, TimeValue, type OttlValue } from '../values.js';

/** OTTL's comparison rules: ints and floats as numbers; other types that differ are only unequal; maps and lists have no order. */
export function compareValues(a: OttlValue, b: OttlValue, operator: CompareOperator): boolean {
  if (a === null || b === null) return a === b ? operator === '==' || operator === '<=' || operator === '>=' : operator === '!=';
  switch (typeof a) {
    case 'string':
      return typeof b === 'string' ? ordered(compareText(a, b), operator) : operator === '!=';
    case 'bigint':
    case 'number':
      return typeof b === 'bigint' || typeof b === 'number' ? compareNumbers(a, b, operator) : operator === '!=';
    case 'boolean':
      return typeof b === 'boolean' ? ordered(Number(a) - Number(b), operator) : operator === '!=';
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return ordered(Buffer.compare(a, b), operator);
  if ((a instanceof TimeValue && b instanceof TimeValue) || (a instanceof DurationValue && b instanceof DurationValue)) return compareNumbers(a.ns, b.ns, operator);
  if (operator === '==') return equalValues(a, b);
  return operator === '!=' && !equalValues(a, b);
}

/** NaN is unequal to everything, as IEEE 754 has it. */
function compareNumbers(a: bigint | number, b: bigint | number, operator: CompareOperator): boolean {
  if (typeof a !== typeof b) {
    a = Number(a);
    b = Number(b);
  }
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** By code points, as bytes of UTF-8 are ordered. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all others.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

function ordered(order: number, operator: CompareOperator): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
