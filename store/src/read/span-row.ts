import { attributesFromJson } from '@signalbox/signals/model/attribute-text';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { StoredSpan } from '@signalbox/query/readers';
import type { Row } from '../duckdb/database.js';
import { contextFromColumns, NOTHING, restCount, restFromJson, restText } from '../tables/contexts.js';
import { eventsFromJson, linksFromJson } from '../tables/nested-json.js';

/** Columns that a whole span is made from, in the order that `storedSpan` expects. */
export const STORED_SPAN_COLUMNS = [
  'trace_id', 'span_id', 'parent_span_id', 'start_ns', 'end_ns', 'name', 'kind', 'status_code', 'status_message', 'attributes', 'events', 'links', 'flags', 'rest',
  'service', 'resource', 'scope_name', 'scope_version', 'context_rest',
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
  const attributes = attributesOf(row.textOrNull(at++));
  const events = row.textOrNull(at++);
  const links = row.textOrNull(at++);
  const flags = row.number(at++);
  const restJson = row.textOrNull(at++);
  const rest = restJson === null ? NOTHING : restFromJson(restJson);
  const service = row.text(at++);
  return {
    span: {
      traceId, spanId, traceState: restText(rest, 'trace_state'), parentSpanId: parent === 0n ? '' : idHex(parent), flags, name, kind, startNs, endNs,
      attributes, droppedAttributesCount: restCount(rest, 'dropped_attributes'),
      events: events === null ? [] : eventsFromJson(events), droppedEventsCount: restCount(rest, 'dropped_events'),
      links: links === null ? [] : linksFromJson(links), droppedLinksCount: restCount(rest, 'dropped_links'),
      status,
    },
    ...contextFromColumns(row.text(at), row.text(at + 1), row.text(at + 2), row.textOrNull(at + 3)),
    service,
  };
}

/** NULL only where another program wrote the file. */
export function attributesOf(json: string | null): Attributes {
  return json === null ? [] : attributesFromJson(json);
}

export function idHex(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** Of DuckDB's UUID value: 32 hex digits. */
export function uuidHex(value: unknown): string {
  return String(value).replaceAll('-', '');
}
