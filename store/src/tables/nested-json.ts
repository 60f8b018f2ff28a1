import { valueFromJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import type { SpanEvent, SpanLink } from '@signalbox/signals/model/span';

/**
 * Events and links as JSON arrays of objects, attributes as in the `attributes` column. Times are strings, since JSON
 * numbers lose nanoseconds in most languages. Fields that are zero or empty are left out.
 */
export function eventsToJson(events: readonly SpanEvent[]): string {
  return valueToJson(events.map((event) => object({
    time_ns: event.timeNs.toString(),
    name: event.name,
    attributes: event.attributes,
    dropped_attributes: event.droppedAttributesCount,
  })));
}

export function eventsFromJson(text: string): SpanEvent[] {
  return objects(text).map((fields) => ({
    timeNs: BigInt(string(fields, 'time_ns')),
    name: string(fields, 'name'),
    attributes: list(fields, 'attributes'),
    droppedAttributesCount: count(fields, 'dropped_attributes'),
  }));
}

export function linksToJson(links: readonly SpanLink[]): string {
  return valueToJson(links.map((link) => object({
    trace_id: link.traceId,
    span_id: link.spanId,
    trace_state: link.traceState,
    attributes: link.attributes,
    dropped_attributes: link.droppedAttributesCount,
    flags: link.flags,
  })));
}

export function linksFromJson(text: string): SpanLink[] {
  return objects(text).map((fields) => ({
    traceId: string(fields, 'trace_id'),
    spanId: string(fields, 'span_id'),
    traceState: string(fields, 'trace_state'),
    attributes: list(fields, 'attributes'),
    droppedAttributesCount: count(fields, 'dropped_attributes'),
    flags: count(fields, 'flags'),
  }));
}

function object(fields: Readonly<Record<string, string | number | Attributes>>): KeyValueList {
  const entries = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value === '' || value === 0 || (typeof value === 'object' && value.length === 0)) continue;
    entries.push({ key, value: typeof value === 'number' ? BigInt(value) : typeof value === 'string' ? value : new KeyValueList(value) });
  }
  return new KeyValueList(entries);
}

function objects(text: string): Attributes[] {
  const value = valueFromJson(text);
  return Array.isArray(value) ? value.map((item) => (item instanceof KeyValueList ? item.entries : [])) : [];
}

function field(fields: Attributes, key: string): AnyValue {
  return fields.find((entry) => entry.key === key)?.value ?? null;
}

function string(fields: Attributes, key: string): string {
  const value = field(fields, key);
  return typeof value === 'string' ? value : '';
}

function count(fields: Attributes, key: string): number {
  const value = field(fields, key);
  return typeof value === 'bigint' ? Number(value) : 0;
}

function list(fields: Attributes, key: string): Attributes {
  const value = field(fields, key);
  return value instanceof KeyValueList ? value.entries : [];
}
