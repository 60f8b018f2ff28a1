import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';

/** A value while operators work on it: maps can change, unlike OTLP's lists of pairs. Whole numbers are bigint. */
export type Value = string | boolean | bigint | number | Uint8Array | readonly Value[] | Map<string, Value> | null;
export type Fields = Map<string, Value>;

/** A log record in the making. */
export interface Entry {
  body: Value;
  attributes: Fields;
  /** Attributes of the resource that this record adds to the source's own. */
  resource: Fields | null;
  /** Unix time in nanoseconds; 0n: none found. */
  timeNs: bigint;
  /** 0 to 24, as OTLP numbers them. */
  severityNumber: number;
  severityText: string;
  /** Lowercase hex, or ''. */
  traceId: string;
  spanId: string;
}

export function newEntry(body: Value): Entry {
  return { body, attributes: new Map(), resource: null, timeNs: 0n, severityNumber: 0, severityText: '', traceId: '', spanId: '' };
}

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);

/** The value as OTLP has it; whole numbers beyond 64 bits become doubles. */
export function toAnyValue(value: Value): AnyValue {
  if (value instanceof Map) return new KeyValueList(toAttributes(value));
  if (Array.isArray(value)) return value.map(toAnyValue);
  if (typeof value === 'bigint' && (value > MAX_INT || value < MIN_INT)) return Number(value);
  return value as AnyValue;
}

export function toAttributes(fields: ReadonlyMap<string, Value>): KeyValue[] {
  const attributes: KeyValue[] = [];
  for (const [key, value] of fields) attributes.push({ key, value: toAnyValue(value) });
  return attributes;
}

/** The value with maps that can be changed; of a key that stands twice, the last. */
function fromAnyValue(value: AnyValue): Value {
  if (value instanceof KeyValueList) return fromAttributes(value.entries);
  if (Array.isArray(value)) return value.map(fromAnyValue);
  return value as Value;
}

export function fromAttributes(attributes: readonly KeyValue[]): Fields {
  const fields: Fields = new Map();
  for (const { key, value } of attributes) fields.set(key, fromAnyValue(value));
  return fields;
}

/** Whether arrays and maps stand at most `depth` deep in it, and hold at most `count` values together. */
export function isBounded(fields: Fields, depth: number, count: number): boolean {
  let left = count;
  const walk = (value: Value, levels: number): boolean => {
    if (--left < 0) return false;
    if (value instanceof Map) {
      if (levels === 0) return false;
      for (const inner of value.values()) if (!walk(inner, levels - 1)) return false;
    } else if (Array.isArray(value)) {
      if (levels === 0) return false;
      for (const inner of value as readonly Value[]) if (!walk(inner, levels - 1)) return false;
    }
    return true;
  };
  for (const value of fields.values()) if (!walk(value, depth)) return false;
  return true;
}
