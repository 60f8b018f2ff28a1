import type { LogEntry, StoredLog } from '@signalbox/query/readers';
import { toLoki } from '@signalbox/signals/loki/stream';
import { valueFromJson } from '@signalbox/signals/model/attribute-text';
import type { Row } from '../duckdb/database.js';
import { contextFromColumns } from '../tables/contexts.js';
import { attributesOf, idHex, uuidHex } from './span-row.js';

/** Columns that a whole record is made from, in the order that `storedLog` expects. */
export const STORED_LOG_COLUMNS = [
  'time_ns', 'stream', 'record_time_ns', 'observed_ns', 'severity_number', 'severity_text', 'line', 'body', 'attributes', 'trace_id', 'span_id', 'event_name', 'flags', 'dropped_attributes',
  'service', 'resource', 'scope_name', 'scope_version', 'context_rest',
] as const;

export function storedLog(row: Row): StoredLog {
  let at = 2;
  const timeNs = row.bigint(at++);
  const observedTimeNs = row.bigint(at++);
  const severityNumber = row.number(at++);
  const severityText = row.text(at++);
  const line = row.text(at++);
  const body = row.textOrNull(at++);
  const attributes = attributesOf(row.textOrNull(at++));
  const traceId = row.value(at++);
  const spanId = row.value(at++);
  const eventName = row.text(at++);
  const flags = row.number(at++);
  const droppedAttributesCount = row.number(at++);
  const service = row.text(at++);
  return {
    record: {
      timeNs, observedTimeNs, severityNumber, severityText, body: body === null ? line : valueFromJson(body), attributes, droppedAttributesCount, flags,
      traceId: traceId === null ? '' : uuidHex(traceId), spanId: spanId === null ? '' : idHex(spanId as bigint), eventName,
    },
    ...contextFromColumns(row.text(at), row.text(at + 1), row.text(at + 2), row.textOrNull(at + 3)),
    service,
  };
}

/** The record as Loki shows it: its labels as stored, its structured metadata made anew from the record. */
export function logEntry(row: Row): LogEntry {
  const { resource, scope, record } = storedLog(row);
  const timeNs = row.bigint(0);
  const { structuredMetadata } = toLoki(resource, scope, record, { receivedNs: timeNs });
  return { timeNs, stream: JSON.parse(row.text(1)) as Record<string, string>, line: row.text(6), structuredMetadata };
}
