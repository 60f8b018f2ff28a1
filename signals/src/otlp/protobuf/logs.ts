import type { AnyValue, KeyValue } from '../../model/attributes.js';
import type { LogRecord, LogsData, ResourceLogs, ScopeLogs } from '../../model/log-record.js';
import type { Resource, Scope } from '../../model/resource.js';
import { MAX_DEPTH_CEILING } from '../limits.js';
import { readAnyValue, readKeyValue, writeAnyValue, writeAttributes } from './attributes.js';
import { ItemCounter } from './items.js';
import { Reader } from './reader.js';
import { readResource, readScope, writeResource, writeScope } from './resource.js';
import { Writer } from './writer.js';

/**
 * Decodes an ExportLogsServiceRequest (the same bytes as LogsData) as the official definitions have it
 * (opentelemetry/proto/logs/v1/logs.proto). Unknown fields are passed over; ids of zeros become ''.
 *
 * @param skip ordinals (from 0, in document order) of log records to leave out
 * @throws OtlpError with the byte offset where the bytes are malformed
 */
export function decodeLogs(bytes: Uint8Array, skip?: readonly number[], maxDepth = MAX_DEPTH_CEILING): LogsData {
  const reader = new Reader(bytes, maxDepth);
  const items = new ItemCounter(skip);
  const end = bytes.length;
  const resourceLogs: ResourceLogs[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) resourceLogs.push(readResourceLogs(reader, reader.limit(end), items));
    else reader.skip(tag, end);
  }
  return { resourceLogs };
}

function readResourceLogs(reader: Reader, end: number, items: ItemCounter): ResourceLogs {
  let resource: Resource | null = null;
  const scopeLogs: ScopeLogs[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 resource
        resource = readResource(reader, reader.limit(end), resource);
        break;
      case 18: // 2 scope_logs
        scopeLogs.push(readScopeLogs(reader, reader.limit(end), items));
        break;
      case 26: // 3 schema_url
        schemaUrl = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { resource, schemaUrl, scopeLogs };
}

function readScopeLogs(reader: Reader, end: number, items: ItemCounter): ScopeLogs {
  let scope: Scope | null = null;
  const logRecords: LogRecord[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 scope
        scope = readScope(reader, reader.limit(end), scope);
        break;
      case 18: // 2 log_records
        if (items.take()) logRecords.push(readLogRecord(reader, reader.limit(end)));
        else reader.skip(tag, end);
        break;
      case 26: // 3 schema_url
        schemaUrl = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { scope, schemaUrl, logRecords };
}

function readLogRecord(reader: Reader, end: number): LogRecord {
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
  const writer = new Writer();
  for (let i = data.resourceLogs.length - 1; i >= 0; i--) {
    const { resource, schemaUrl, scopeLogs } = data.resourceLogs[i];
    const end = writer.mark();
    writer.string(26, schemaUrl);
    for (let j = scopeLogs.length - 1; j >= 0; j--) writeScopeLogs(writer, scopeLogs[j]);
    writeResource(writer, 10, resource);
    writer.message(10, end);
  }
  return writer.finish();
}

function writeScopeLogs(writer: Writer, { scope, schemaUrl, logRecords }: ScopeLogs): void {
  const end = writer.mark();
  writer.string(26, schemaUrl);
  for (let i = logRecords.length - 1; i >= 0; i--) writeLogRecord(writer, logRecords[i]);
  writeScope(writer, 10, scope);
  writer.message(18, end);
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
