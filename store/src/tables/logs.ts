import type { Column } from '../duckdb/chunk.js';
import { CONTEXT_COLUMNS } from './contexts.js';

/** Columns of a hot log table. */
export const LOG_COLUMNS = [
  { name: 'context_id', type: 'u32' },
  /** The record's time; where it has none, when it was observed or received. */
  { name: 'time_ns', type: 'u64' },
  { name: 'record_time_ns', type: 'u64' },
  { name: 'observed_ns', type: 'u64' },
  { name: 'severity_number', type: 'i32' },
  { name: 'severity_text', type: 'text', nullable: true },
  /** The body as text; `body` has it as typed JSON where it is anything else. */
  { name: 'line', type: 'text' },
  { name: 'body', type: 'text', nullable: true },
  { name: 'attributes', type: 'text' },
  { name: 'trace_id', type: 'uuid', nullable: true },
  { name: 'span_id', type: 'u64', nullable: true },
  { name: 'event_name', type: 'text', nullable: true },
  { name: 'flags', type: 'u32' },
  { name: 'dropped_attributes', type: 'u32' },
] as const satisfies readonly Column[];

export const LOG = {
  context: 0, timeNs: 1, recordTimeNs: 2, observedNs: 3, severityNumber: 4, severityText: 5, line: 6, body: 7, attributes: 8, traceId: 9, spanId: 10, eventName: 11, flags: 12, droppedAttributes: 13,
} as const;

/** Columns of a log file, in order. */
export const LOG_FILE_COLUMNS: readonly string[] = [
  'tenant', 'service', 'stream',
  ...LOG_COLUMNS.slice(1).map((c) => c.name),
  ...CONTEXT_COLUMNS.slice(3, -1).map((c) => c.name),
];

/** The hot table with its contexts, in the shape of a file. */
export function hotLogs(logs: string, contexts: string): string {
  const columns = LOG_FILE_COLUMNS.map((name) => `"${name}"`).join(', ');
  return `SELECT ${columns}, l.rowid AS row_number FROM ${logs} l JOIN ${contexts} c USING (context_id)`;
}
