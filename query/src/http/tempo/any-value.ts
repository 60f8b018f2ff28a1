import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { AnyValue } from '@signalbox/signals/model/attributes';

/** An OTLP AnyValue in protobuf's JSON: 64-bit integers as text, bytes in base64, NaN and infinities by name. */
export function anyValueJson(value: AnyValue): object {
  switch (typeof value) {
    case 'string': return { stringValue: value };
    case 'boolean': return { boolValue: value };
    case 'bigint': return { intValue: String(value) };
    case 'number': return { doubleValue: Number.isFinite(value) ? value : String(value) };
    default:
  }
  if (value === null) return {};
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (value instanceof KeyValueList) return { kvlistValue: { values: value.entries.map((entry) => ({ key: entry.key, value: anyValueJson(entry.value) })) } };
  return { arrayValue: { values: value.map(anyValueJson) } };
}
