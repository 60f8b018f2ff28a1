import { valueToJson } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import { isRouting } from '../streams/routing.js';

/** JSON is put together as text, since 64-bit integers and doubles such as 1.0 would not survive JSON.stringify. */
export function stringText(value: string): string {
  return JSON.stringify(MAYBE_LONE.test(value) ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value);
}

/** Any half of a surrogate pair: quick to tell that a text has none. */
const MAYBE_LONE = /[\ud800-\udfff]/;

/** With a point or exponent, so that Elasticsearch takes it for a double; what JSON cannot write becomes a string. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Unix nanoseconds as a date with nine digits behind the second, which `date` and `date_nanos` both read. */
export function timeText(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000_000n) * 1000).toISOString().slice(0, -5);
  return `"${seconds}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z"`;
}

/** An object of the fields that have something to say. */
export class JsonObject {
  private text = '';

  raw(name: string, text: string): this {
    this.text += `${this.text === '' ? '' : ','}${JSON.stringify(name)}:${text}`;
    return this;
  }

  string(name: string, value: string): this {
    return value === '' ? this : this.raw(name, stringText(value));
  }

  number(name: string, value: number): this {
    return value === 0 ? this : this.raw(name, String(value));
  }

  toString(): string {
    return `{${this.text}}`;
  }
}

/**
 * Attributes as one flat object: nested maps become dotted keys, since a field cannot be a value in one document and an
 * object in another. Of a key that stands twice the last value counts.
 */
export function attributesText(attributes: Attributes): string {
  const fields = new Map<string, string>();
  eachField(attributes, (name, text) => fields.set(name, text));
  let all = '';
  for (const [name, text] of fields) all += `${all === '' ? '' : ','}${stringText(name)}:${text}`;
  return `{${all}}`;
}

/** Every attribute that is no map, as JSON; what only says where a document goes is left out. */
export function eachField(attributes: Attributes, take: (name: string, text: string) => void): void {
  const add = (key: string, value: AnyValue): void => {
    if (value instanceof KeyValueList) for (const entry of value.entries) add(`${key}.${entry.key}`, entry.value);
    else if (value !== null) take(fieldName(key), valueText(value));
  };
  for (const { key, value } of attributes) if (!isRouting(key)) add(key, value);
}

/** Elasticsearch refuses a document with an empty part in a field's name. */
export function fieldName(key: string): string {
  if (!EMPTY_PART.test(key)) return key;
  return key.split('.').map((part) => (part.trim() === '' ? '_' : part)).join('.');
}

const EMPTY_PART = /(?:^|\.)\s*(?:\.|$)/;

/** Lists of plain values stay lists, of one type each; what is nested in a list becomes JSON text. */
export function valueText(value: AnyValue): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return doubleText(value);
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
  if (value instanceof KeyValueList) return stringText(valueToJson(value));
  return `[${listTexts(value).join(',')}]`;
}

/** A field has one type, and version 8 refuses a document that would give a new field two: numbers become doubles, other mixtures texts. */
function listTexts(elements: readonly AnyValue[]): string[] {
  const texts = elements.map((element) => (isPlain(element) ? valueText(element) : stringText(valueToJson(element))));
  const types = new Set(elements.flatMap((element, i) => (element === null ? [] : texts[i].startsWith('"') ? 'string' : typeof element)));
  if (types.size < 2) return texts;
  const areNumbers = types.size === 2 && types.has('bigint') && types.has('number');
  return elements.map((element, i) => {
    if (areNumbers) return typeof element === 'bigint' ? `${texts[i]}.0` : texts[i];
    return element === null || texts[i].startsWith('"') ? texts[i] : `"${texts[i]}"`;
  });
}

function isPlain(value: AnyValue): boolean {
  return value === null || typeof value !== 'object' || value instanceof Uint8Array;
}
