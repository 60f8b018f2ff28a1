import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';

/** A point in time: nanoseconds since 1970. */
export class TimeValue {
  constructor(readonly ns: bigint) {}
}

/** Nanoseconds between two times. */
export class DurationValue {
  constructor(readonly ns: bigint) {}
}

/** What an expression answers. null is OTTL's nil, and an AnyValue with nothing set. */
export type OttlValue = AnyValue | TimeValue | DurationValue;

export type ValueType = 'any' | 'nil' | 'string' | 'int' | 'float' | 'bool' | 'bytes' | 'list' | 'map' | 'time' | 'duration';

export function typeOf(value: OttlValue): Exclude<ValueType, 'any'> {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
  }
  if (value === null) return 'nil';
  if (value instanceof KeyValueList) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof TimeValue) return 'time';
  if (value instanceof DurationValue) return 'duration';
  return 'list';
}

export function isList(value: OttlValue): value is readonly AnyValue[] {
  return Array.isArray(value);
}

/** Deep equality with types kept; maps regardless of order. */
export function equalValues(a: OttlValue, b: OttlValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof TimeValue) return b instanceof TimeValue && a.ns === b.ns;
  if (a instanceof DurationValue) return b instanceof DurationValue && a.ns === b.ns;
  if (a instanceof KeyValueList) {
    if (!(b instanceof KeyValueList) || a.entries.length !== b.entries.length) return false;
    const entries = new Map(b.entries.map(({ key, value }) => [key, value]));
    return a.entries.every(({ key, value }) => entries.has(key) && equalValues(value, entries.get(key)!));
  }
  return isList(a) && isList(b) && a.length === b.length && a.every((value, i) => equalValues(value, b[i]));
}

const SMALL: readonly bigint[] = Array.from({ length: 64 }, (_, i) => BigInt(i));

/** A whole number as an int; the small ones, which enums are, without making one. */
export function int(value: number): bigint {
  return value >= 0 && value < 64 ? SMALL[value] : BigInt(value);
}
