import type { AnyValue, KeyValue } from '../../model/attributes.js';
import type { LogRecord, LogsData, ResourceLogs, ScopeLogs } from '../../model/log-record.js';
import { readAnyValue, readKeyValue, writeAnyValue, writeAttributes } from './attributes.js';
import { readGrouped, writeGrouped, type GroupedReading } from './grouped.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/**
 * Decodes an ExportLogsServiceRequest (the same bytes as LogsData) as the official definitions have it
 * (opentelemetry/proto/logs/v1/logs.proto). Unknown fields are passed over; ids of zeros become ''.
 *
 * @param skip ordinals (from 0, in document order) of log records to leave out
 * @throws OtlpError with the byte offset where the bytes are malformed
 */
export function decodeLogs(bytes: Uint8Array, skip?: readonly number[], maxDepth?: number): LogsData {
  return { resourceLogs: readGrouped<LogRecord, ScopeLogs, ResourceLogs>(bytes, skip, maxDepth, READING) };
}

const READING: GroupedReading<LogRecord, ScopeLogs, ResourceLogs> = {
  item: (reader, end, items) => (items.take() ? readLogRecord(reader, end) : null),
  scopeGroup: (scope, schemaUrl, logRecords) => ({ scope, schemaUrl, logRecords }),
  resourceGroup: (resource, schemaUrl, scopeLogs) => ({ resource, schemaUrl, scopeLogs }),
};

/** One LogRecord, up to `end`. @throws OtlpError */
export function readLogRecord(reader: Reader, end: number): LogRecord {
  let timeNs = 0n;
  let observedTimeNs = 0n;
  let severityNumber = 0;
  let severityText = '';
  let body: AnyValue = null;
  const attributes: KeyValue[] = [];
  let droppedAttributesCount = 0;
  let flags = 0;
  let traceId = '';
  let spanId = '';
  let eventName = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 9: // 1 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 16: // 2 severity_number
        severityNumber = reader.int32(end);
        break;
      case 26: // 3 severity_text
        severityText = reader.string(end);
        break;
      case 42: // 5 body
        body = readAnyValue(reader, reader.limit(end), 0, body);
        break;
      case 50: // 6 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 56: // 7 dropped_attributes_count
        droppedAttributesCount = reader.uint32(end);
        break;
      case 69: // 8 flags
        flags = reader.fixed32(end);
        break;
      case 74: // 9 trace_id
        traceId = reader.optionalId(end);
        break;
      case 82: // 10 span_id
        spanId = reader.optionalId(end);
        break;
      case 89: // 11 observed_time_unix_nano
        observedTimeNs = reader.fixed64(end);
        break;
      case 98: // 12 event_name
        eventName = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return {
    timeNs, observedTimeNs, severityNumber, severityText, body, attributes, droppedAttributesCount, flags, traceId,
    spanId, eventName,
  };
}

/** Encodes an ExportLogsServiceRequest. */
export function encodeLogs(data: LogsData): Uint8Array {
  return writeGrouped<LogRecord, ScopeLogs, ResourceLogs>(data.resourceLogs, { scopeGroups: (group) => group.scopeLogs, items: (group) => group.logRecords, item: writeLogRecord });
}

function writeLogRecord(writer: Writer, record: LogRecord): void {
  const end = writer.mark();
  writer.string(98, record.eventName);
  writer.fixed64(89, record.observedTimeNs);
  writer.id(82, record.spanId);
  writer.id(74, record.traceId);
  writer.fixed32(69, record.flags);
  writer.uint32(56, record.droppedAttributesCount);
  writeAttributes(writer, 50, record.attributes);
  if (record.body !== null) writeAnyValue(writer, 42, record.body);
  writer.string(26, record.severityText);
  writer.int32(16, record.severityNumber);
  writer.fixed64(9, record.timeNs);
  writer.message(18, end);
}
