import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import type { Cell, EvaluationContext } from '../evaluation-context.js';
import { int, isList, TimeValue, typeOf, type OttlValue, type ValueType } from '../values.js';

/** One name in a path, and what it reads and writes. */
export interface Field {
  readonly type: ValueType;
  readonly get?: (context: EvaluationContext) => OttlValue;
  /** Absent where it cannot be written. @throws OttlFailure for values that do not fit */
  readonly set?: (context: EvaluationContext, value: OttlValue) => void;
  /** Of maps: the list itself, without a wrapper made for each reading. */
  readonly entries?: (context: EvaluationContext) => Attributes;
  readonly setEntries?: (context: EvaluationContext, entries: Attributes) => void;
  /** Names that may follow with a dot. */
  readonly fields?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

type CellOf<T extends object> = (context: EvaluationContext) => Cell<T>;

/** Of `T`, the keys whose values are of `V`. */
type KeysOf<T, V> = { [K in keyof T]-?: T[K] extends V ? (V extends T[K] ? K : never) : never }[keyof T];

export function mapField<T extends object>(cell: CellOf<T>, key: KeysOf<T, Attributes>): Field {
  const entries = (context: EvaluationContext): Attributes => cell(context).current[key] as Attributes;
  const setEntries = (context: EvaluationContext, list: Attributes): void => {
    if (entries(context) !== list) cell(context).write()[key] = list as T[typeof key];
  };
  return { type: 'map', get: (context) => new KeyValueList(entries(context)), entries, setEntries, set: (context, value) => setEntries(context, toMap(value).entries) };
}

export function stringField<T extends object>(cell: CellOf<T>, key: KeysOf<T, string>): Field {
  return leaf(cell, key, 'string', (stored) => stored as unknown as string, toText);
}

/** A number field that OTTL sees as an int, which it is: kinds, counts, flags. */
export function intField<T extends object>(cell: CellOf<T>, key: KeysOf<T, number>): Field {
  return leaf(cell, key, 'int', (stored) => int(stored as unknown as number), (value) => Number(toInt(value)));
}

export function bigintField<T extends object>(cell: CellOf<T>, key: KeysOf<T, bigint>): Field {
  return leaf(cell, key, 'int', (stored) => stored as unknown as bigint, toInt);
}

export function timeField<T extends object>(cell: CellOf<T>, key: KeysOf<T, bigint>): Field {
  return leaf(cell, key, 'time', (stored) => new TimeValue(stored as unknown as bigint), (value) => {
    if (value instanceof TimeValue) return value.ns;
    throw new OttlFailure(`a time was expected, found ${typeOf(value)}`);
  });
}

/** Ids are bytes to OTTL, and hex text with `.string` behind. */
export function idField<T extends object>(cell: CellOf<T>, key: KeysOf<T, string>, digits: number): Field {
  const text = leaf(cell, key, 'string', (stored) => stored as unknown as string, (value) => toHexId(value, digits));
  return {
    ...leaf(cell, key, 'bytes', (stored) => Uint8Array.from(Buffer.from((stored as unknown as string) || '0'.repeat(digits), 'hex')), (value) => toHexId(value, digits)),
    fields: { string: text },
  };
}

export function readOnly(type: ValueType, get: (context: EvaluationContext) => OttlValue): Field {
  return { type, get };
}

function leaf<T extends object, K extends keyof T>(cell: CellOf<T>, key: K, type: ValueType, read: (stored: T[K]) => OttlValue, convert: (value: OttlValue) => string | number | bigint): Field {
  return {
    type,
    get: (context) => read(cell(context).current[key]),
    set: (context, value) => {
      const converted = convert(value) as unknown as T[K];
      const target = cell(context);
      if (target.current[key] !== converted) target.write()[key] = converted;
    },
  };
}

export function toText(value: OttlValue): string {
  if (typeof value === 'string') return value;
  throw new OttlFailure(`a string was expected, found ${typeOf(value)}`);
}

export function toInt(value: OttlValue): bigint {
  if (typeof value === 'bigint') return value;
  throw new OttlFailure(`an int was expected, found ${typeOf(value)}`);
}

export function toMap(value: OttlValue): KeyValueList {
  if (value instanceof KeyValueList) return value;
  throw new OttlFailure(`a map was expected, found ${typeOf(value)}`);
}

export function toList(value: OttlValue): readonly AnyValue[] {
  if (isList(value)) return value;
  throw new OttlFailure(`a list was expected, found ${typeOf(value)}`);
}

/** @throws OttlFailure for times and durations, which no attribute can hold */
export function toStored(value: OttlValue): AnyValue {
  const type = typeOf(value);
  if (type === 'time' || type === 'duration') throw new OttlFailure(`a ${type} cannot be stored in a map: convert it first, with UnixNano(…) or String(…) for example`);
  return value as AnyValue;
}

function toHexId(value: OttlValue, digits: number): string {
  const text = typeof value === 'string' ? value.toLowerCase() : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : null;
  if (text === null) throw new OttlFailure(`an id was expected, found ${typeOf(value)}`);
  if (text.length !== digits || !/^[0-9a-f]*$/.test(text)) throw new OttlFailure(`an id of ${digits} hexadecimal digits was expected`);
  return /^0*$/.test(text) ? '' : text;
}
