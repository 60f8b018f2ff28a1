import type { Column } from '../duckdb/chunk.js';
import { CONTEXT_COLUMNS, restToJson } from './contexts.js';

/** Columns of a hot span table; `context_id` leads to what the span's resource and scope say. */
export const SPAN_COLUMNS = [
  { name: 'context_id', type: 'u32' },
  { name: 'trace_id', type: 'uuid' },
  { name: 'span_id', type: 'u64' },
  { name: 'parent_span_id', type: 'u64', nullable: true },
  { name: 'start_ns', type: 'u64' },
  { name: 'end_ns', type: 'u64' },
  { name: 'name', type: 'text' },
  { name: 'kind', type: 'i32' },
  { name: 'status_code', type: 'i32' },
  { name: 'status_message', type: 'text', nullable: true },
  { name: 'attributes', type: 'text' },
  { name: 'events', type: 'text', nullable: true },
  { name: 'links', type: 'text', nullable: true },
  { name: 'flags', type: 'u32' },
  /** What is rarely there, as JSON: trace_state, dropped_attributes, dropped_events, dropped_links. */
  { name: 'rest', type: 'text', nullable: true },
] as const satisfies readonly Column[];

export const SPAN = {
  context: 0, traceId: 1, spanId: 2, parentSpanId: 3, startNs: 4, endNs: 5, name: 6, kind: 7, statusCode: 8, statusMessage: 9, attributes: 10, events: 11, links: 12, flags: 13, rest: 14,
} as const;

/** Columns of a span file, in order. */
export const SPAN_FILE_COLUMNS: readonly string[] = [
  'tenant', 'service',
  ...SPAN_COLUMNS.slice(1).map((c) => c.name),
  ...CONTEXT_COLUMNS.slice(3, -1).map((c) => c.name),
];

/** The hot table with its contexts, in the shape of a file. */
export function hotSpans(spans: string, contexts: string): string {
  const columns = SPAN_FILE_COLUMNS.map((name) => `"${name}"`).join(', ');
  return `SELECT ${columns}, s.rowid AS row_number FROM ${spans} s JOIN ${contexts} c USING (context_id)`;
}

/** The column `rest`; null when there is nothing in it. */
export function spanRest(traceState: string, droppedAttributes: number, droppedEvents: number, droppedLinks: number): string | null {
  return restToJson({ trace_state: traceState, dropped_attributes: droppedAttributes, dropped_events: droppedEvents, dropped_links: droppedLinks });
}
