import { KeyValueList } from './attributes.js';
import type { AnyValue, Attributes } from './attributes.js';
import { parseAttributes, parseValue } from './typed-json.js';

/**
 * Attributes as text, in two ways: `attributeText` for people, labels and searches, where types may be lost, and typed
 * JSON (`attributesToJson`), which keeps them and is read back exactly.
 *
 * | value        | typed JSON                                     |
 * |--------------|------------------------------------------------|
 * | string       | "text"                                         |
 * | boolean      | true, false                                    |
 * | int          | 12 (never with . or e)                         |
 * | double       | 12.0, 1e+21 (always with . or e), -0.0         |
 * | NaN, ±∞      | {"doubleValue":"NaN"}, "Infinity", "-Infinity" |
 * | bytes        | {"bytesValue":"base64"}                        |
 * | array        | […]                                            |
 * | kvlist       | {"key":…} in the order received                |
 * | none         | null                                           |
 *
 * A kvlist whose only key is bytesValue, doubleValue or kvlistValue would be taken for something else, so it is written
 * as {"kvlistValue":[{"key":…,"value":…}]}.
 */

/** The value of the first attribute of that name; undefined where there is none. */
export function attribute(attributes: Attributes, key: string): AnyValue | undefined {
  for (let i = 0; i < attributes.length; i++) {
    if (attributes[i].key === key) return attributes[i].value;
  }
  return undefined;
}

/**
 * Strings as they are, numbers and booleans as JSON writes them, bytes in base64, arrays and kvlists as JSON with keys
 * sorted (of a key that stands twice, the last), nothing as ''. As AsString of the OpenTelemetry Collector's pdata.
 */
export function attributeText(value: AnyValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (value instanceof Uint8Array) return base64(value);
  return typeof value === 'object' ? plainJson(value) : String(value);
}

function plainJson(value: AnyValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (value instanceof KeyValueList) {
    const last = new Map(value.entries.map((entry) => [entry.key, entry.value]));
    const sorted = [...last].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([key, entry]) => `${quote(key)}:${plainJson(entry)}`).join(',')}}`;
  }
  return `[${value.map(plainJson).join(',')}]`;
}

/** One flat JSON object, in the order received; a key that stands twice is written twice. */
export function attributesToJson(attributes: Attributes): string {
  let text = '{';
  for (let i = 0; i < attributes.length; i++) {
    const { key, value } = attributes[i];
    text += (i === 0 ? '' : ',') + quote(key) + ':' + (typeof value === 'string' ? quote(value) : valueToJson(value));
  }
  return text + '}';
}

/**
 * What `attributesToJson` wrote.
 * @throws SyntaxError with the position for any text that it cannot have written
 */
export function attributesFromJson(text: string): Attributes {
  return parseAttributes(text);
}

/** One value in typed JSON, as it stands within `attributesToJson`. */
export function valueToJson(value: AnyValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return value.toString();
    case 'number':
      return doubleToJson(value);
    case 'boolean':
      return value ? 'true' : 'false';
  }
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `{"bytesValue":"${base64(value)}"}`;
  if (value instanceof KeyValueList) {
    if (value.entries.length !== 1 || !isReserved(value.entries[0].key)) return attributesToJson(value.entries);
    return `{"kvlistValue":[{"key":"${value.entries[0].key}","value":${valueToJson(value.entries[0].value)}}]}`;
  }
  return `[${value.map(valueToJson).join(',')}]`;
}

/** What `valueToJson` wrote. @throws SyntaxError as `attributesFromJson` */
export function valueFromJson(text: string): AnyValue {
  return parseValue(text);
}

function isReserved(key: string): boolean {
  return key === 'bytesValue' || key === 'doubleValue' || key === 'kvlistValue';
}

function doubleToJson(value: number): string {
  if (!Number.isFinite(value)) return `{"doubleValue":"${value}"}`;
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  // Number.isInteger is true for 1e21 too, which has its e.
  return Number.isInteger(value) && !text.includes('e') ? text + '.0' : text;
}

/** Texts longer than this are left to JSON.stringify. */
const SHORT = 64;

function quote(text: string): string {
  if (text.length > SHORT) return JSON.stringify(text);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Control characters, " and \ are escaped, and so are surrogates that stand alone.
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) return JSON.stringify(text);
  }
  return '"' + text + '"';
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
