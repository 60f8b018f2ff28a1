import { attributesFromJson } from '@signalbox/signals/model/attribute-text';
import type { StoredSpan } from '@signalbox/query/readers';
import type { Row } from '../duckdb/database.js';
import { eventsFromJson, linksFromJson } from '../tables/nested-json.js';

/** Columns that a whole span is made from, in the order that `storedSpan` expects. */
export const STORED_SPAN_COLUMNS = [
  'trace_id', 'span_id', 'parent_span_id', 'start_ns', 'end_ns', 'name', 'kind', 'status_code', 'status_message', 'attributes', 'events', 'links', 'trace_state', 'flags',
  'dropped_attributes', 'dropped_events', 'dropped_links', 'service', 'resource', 'resource_dropped', 'scope_name', 'scope_version', 'scope_attributes', 'scope_dropped',
] as const;

/** Reads a span whose columns begin at `first`. */
export function storedSpan(row: Row, first = 0): StoredSpan {
  let at = first;
  const traceId = uuidHex(row.value(at++));
  const spanId = idHex(row.bigint(at++));
  const parent = row.bigint(at++);
  const startNs = row.bigint(at++);
  const endNs = row.bigint(at++);
  const name = row.text(at++);
  const kind = row.number(at++);
  const status = { code: row.number(at++), message: row.text(at++) };
  const attributes = attributesFromJson(row.text(at++));
  const events = row.textOrNull(at++);
  const links = row.textOrNull(at++);
  const traceState = row.text(at++);
  const flags = row.number(at++);
  const droppedAttributesCount = row.number(at++);
  const droppedEventsCount = row.number(at++);
  const droppedLinksCount = row.number(at++);
  const service = row.text(at++);
  const resource = { attributes: attributesFromJson(row.text(at++)), droppedAttributesCount: row.number(at++) };
  const scopeName = row.text(at++);
  const scopeVersion = row.text(at++);
  const scopeAttributes = row.textOrNull(at++);
  return {
    span: {
      traceId, spanId, traceState, parentSpanId: parent === 0n ? '' : idHex(parent), flags, name, kind, startNs, endNs, attributes, droppedAttributesCount,
      events: events === null ? [] : eventsFromJson(events), droppedEventsCount, links: links === null ? [] : linksFromJson(links), droppedLinksCount, status,
    },
    resource,
    scope: { name: scopeName, version: scopeVersion, attributes: scopeAttributes === null ? [] : attributesFromJson(scopeAttributes), droppedAttributesCount: row.number(at) },
    service,
  };
}

export function idHex(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** Of DuckDB's UUID value: 32 hex digits. */
export function uuidHex(value: unknown): string {
  return String(value).replaceAll('-', '');
}
