import { valueToJson } from '@signalbox/signals/model/attribute-text';
import type { AnyValue } from '@signalbox/signals/model/attributes';
import type { SpanLink } from '@signalbox/signals/model/span';
import type { LogItem } from '../../items.js';
import { attributesText, JsonObject } from '../json/json-text.js';

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUS_CODES = ['Unset', 'Ok', 'Error'];

export function kindText(kind: number): string {
  return KINDS[kind] ?? String(kind);
}

export function statusText(code: number): string {
  return STATUS_CODES[code] ?? String(code);
}

/** When it happened, or when it was first seen. */
export function logTimeNs({ record, part }: LogItem): bigint {
  return record.timeNs || record.observedTimeNs || part.receivedNs;
}

export function linkText(link: SpanLink): string {
  return new JsonObject()
    .string('trace_id', link.traceId)
    .string('span_id', link.spanId)
    .string('trace_state', link.traceState)
    .raw('attributes', attributesText(link.attributes))
    .number('dropped_attributes_count', link.droppedAttributesCount)
    .toString();
}

/** A value as text for people. */
export function plainText(value: AnyValue): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') : valueToJson(value);
}
