import { KeyValueList, type AnyValue } from '../model/attributes.js';

/**
 * An attribute's value as the text of a label, a log line or structured metadata: strings as they are, bytes in base64,
 * numbers and booleans as JSON writes them, arrays and maps as JSON with sorted keys, nothing as ''.
 * Source: AsString of the OpenTelemetry Collector's pdata, which the OTLP endpoints of Prometheus and Loki use.
 */
export function labelValue(value: AnyValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (value instanceof Uint8Array) return base64(value);
  if (typeof value === 'object') return json(value);
  return String(value);
}

function json(value: AnyValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(base64(value));
  if (value instanceof KeyValueList) {
    const entries = [...new Map(value.entries.map((entry) => [entry.key, entry.value]))].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${json(entry)}`).join(',')}}`;
  }
  return `[${value.map(json).join(',')}]`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
