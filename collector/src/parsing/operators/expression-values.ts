import type { Value } from '../entry.js';
import { compileRegexp } from '../regexp.js';

export function isTrue(value: Value): boolean {
  return value === true;
}

export function asNumber(value: Value): number | null {
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : null;
}

export function textOf(value: Value): string {
  return typeof value === 'string' ? value : typeof value === 'object' ? '' : String(value);
}

/** Numbers are equal whatever their kind; lists and maps never are. */
export function equals(left: Value, right: Value): boolean {
  return isNumeric(left) && isNumeric(right) ? order(left, right) === 0 : left === right;
}

/** Less than 0, 0, or more; NaN where the two have no order. */
export function order(left: Value, right: Value): number {
  const comparable = (isNumeric(left) && isNumeric(right)) || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether a list has the value, or a map the key. */
export function isIn(value: Value, among: Value): boolean {
  if (among instanceof Map) return typeof value === 'string' && among.has(value);
  return Array.isArray(among) && (among as readonly Value[]).some((each) => equals(value, each));
}

/** Whether a text has what matches the pattern. @throws what `error` makes of RE2's words */
export function patternTest(pattern: string, error: (what: string) => Error): (text: string) => boolean {
  try {
    const regexp = compileRegexp(pattern);
    return (text) => regexp.test(text);
  } catch (cause) {
    throw error(`the pattern is no regular expression (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

function isNumeric(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
