import { field, listOf, textOf } from './json.js';
import type { Json } from './json.js';

/** A key with its value as text; `kind` says how to show it. */
export interface Attribute {
  readonly key: string;
  readonly value: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'structure';
}

/** OTLP's list of key and AnyValue, in JSON. */
export function readAttributes(list: Json | undefined): readonly Attribute[] {
  return listOf(list).map((entry) => ({ key: textOf(field(entry, 'key')), ...readValue(field(entry, 'value')) }));
}

/** OTLP's AnyValue, in JSON, as one text. */
export function anyValueText(value: Json | undefined): string {
  return readValue(value).value;
}

function readValue(value: Json | undefined): Omit<Attribute, 'key'> {
  const has = (name: string): boolean => field(value, name) !== undefined;
  if (has('stringValue')) return { value: textOf(field(value, 'stringValue')), kind: 'text' };
  if (has('intValue')) return { value: textOf(field(value, 'intValue')), kind: 'number' };
  if (has('doubleValue')) return { value: textOf(field(value, 'doubleValue')), kind: 'number' };
  if (has('boolValue')) return { value: textOf(field(value, 'boolValue')), kind: 'boolean' };
  if (has('bytesValue')) return { value: textOf(field(value, 'bytesValue')), kind: 'text' };
  if (has('arrayValue') || has('kvlistValue')) return { value: JSON.stringify(plain(value)), kind: 'structure' };
  return { value: '', kind: 'text' };
}

function plain(value: Json | undefined): Json {
  if (field(value, 'arrayValue') !== undefined) return listOf(field(value, 'arrayValue', 'values')).map(plain);
  if (field(value, 'kvlistValue') !== undefined) {
    return Object.fromEntries(listOf(field(value, 'kvlistValue', 'values')).map((entry) => [textOf(field(entry, 'key')), plain(field(entry, 'value'))]));
  }
  const read = readValue(value);
  // Integers of 64 bits stay text where a number could not hold them.
  if (read.kind === 'number') return Number.isSafeInteger(Number(read.value)) || read.value.includes('.') ? Number(read.value) : read.value;
  return read.kind === 'boolean' ? read.value === 'true' : read.value;
}
