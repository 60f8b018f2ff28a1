import type { KeyValue } from '../../model/attributes.js';
import type { ResourceSpans, ScopeSpans, Span, SpanEvent, SpanLink, TracesData } from '../../model/span.js';
import { readKeyValue, writeAttributes } from './attributes.js';
import { readGrouped, writeGrouped, type GroupedReading } from './grouped.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/**
 * Decodes an ExportTraceServiceRequest (the same bytes as TracesData) as the official definitions have it
 * (opentelemetry/proto/trace/v1/trace.proto). Unknown fields are passed over; a parent span id of zeros becomes ''.
 *
 * @param skip ordinals (from 0, in document order) of spans to leave out
 * @throws OtlpError with the byte offset where the bytes are malformed
 */
export function decodeTraces(bytes: Uint8Array, skip?: readonly number[], maxDepth?: number): TracesData {
  return { resourceSpans: readGrouped<Span, ScopeSpans, ResourceSpans>(bytes, skip, maxDepth, READING) };
}

const READING: GroupedReading<Span, ScopeSpans, ResourceSpans> = {
  item: (reader, end, items) => (items.take() ? readSpan(reader, end) : null),
  scopeGroup: (scope, schemaUrl, spans) => ({ scope, schemaUrl, spans }),
  resourceGroup: (resource, schemaUrl, scopeSpans) => ({ resource, schemaUrl, scopeSpans }),
};

function readSpan(reader: Reader, end: number): Span {
  let traceId = '';
  let spanId = '';
  let traceState = '';
  let parentSpanId = '';
  let flags = 0;
  let name = '';
  let kind = 0;
  let startNs = 0n;
  let endNs = 0n;
  const attributes: KeyValue[] = [];
  let droppedAttributesCount = 0;
  const events: SpanEvent[] = [];
  let droppedEventsCount = 0;
  const links: SpanLink[] = [];
  let droppedLinksCount = 0;
  let status = { code: 0, message: '' };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 trace_id
        traceId = reader.spanTraceId(end);
        break;
      case 18: // 2 span_id
        spanId = reader.id(end);
        break;
      case 26: // 3 trace_state
        traceState = reader.string(end);
        break;
      case 34: // 4 parent_span_id
        parentSpanId = reader.optionalId(end);
        break;
      case 42: // 5 name
        name = reader.string(end);
        break;
      case 48: // 6 kind
        kind = reader.int32(end);
        break;
      case 57: // 7 start_time_unix_nano
        startNs = reader.fixed64(end);
        break;
      case 65: // 8 end_time_unix_nano
        endNs = reader.fixed64(end);
        break;
      case 74: // 9 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 80: // 10 dropped_attributes_count
        droppedAttributesCount = reader.uint32(end);
        break;
      case 90: // 11 events
        events.push(readEvent(reader, reader.limit(end)));
        break;
      case 96: // 12 dropped_events_count
        droppedEventsCount = reader.uint32(end);
        break;
      case 106: // 13 links
        links.push(readLink(reader, reader.limit(end)));
        break;
      case 112: // 14 dropped_links_count
        droppedLinksCount = reader.uint32(end);
        break;
      case 122: // 15 status
        status = readStatus(reader, reader.limit(end), status);
        break;
      case 133: // 16 flags
        flags = reader.fixed32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return {
    traceId, spanId, traceState, parentSpanId, flags, name, kind, startNs, endNs, attributes, droppedAttributesCount,
    events, droppedEventsCount, links, droppedLinksCount, status,
  };
}

function readEvent(reader: Reader, end: number): SpanEvent {
  let timeNs = 0n;
  let name = '';
  const attributes: KeyValue[] = [];
  let droppedAttributesCount = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 9: // 1 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 18: // 2 name
        name = reader.string(end);
        break;
      case 26: // 3 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 32: // 4 dropped_attributes_count
        droppedAttributesCount = reader.uint32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { timeNs, name, attributes, droppedAttributesCount };
}

function readLink(reader: Reader, end: number): SpanLink {
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes: KeyValue[] = [];
  let droppedAttributesCount = 0;
  let flags = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 trace_id
        traceId = reader.id(end);
        break;
      case 18: // 2 span_id
        spanId = reader.id(end);
        break;
      case 26: // 3 trace_state
        traceState = reader.string(end);
        break;
      case 34: // 4 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 40: // 5 dropped_attributes_count
        droppedAttributesCount = reader.uint32(end);
        break;
      case 53: // 6 flags
        flags = reader.fixed32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { traceId, spanId, traceState, attributes, droppedAttributesCount, flags };
}

function readStatus(reader: Reader, end: number, before: Span['status']): Span['status'] {
  let { code, message } = before;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 18: // 2 message
        message = reader.string(end);
        break;
      case 24: // 3 code
        code = reader.int32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { code, message };
}

/** Encodes an ExportTraceServiceRequest. */
export function encodeTraces(data: TracesData): Uint8Array {
  return writeGrouped<Span, ScopeSpans, ResourceSpans>(data.resourceSpans, { scopeGroups: (group) => group.scopeSpans, items: (group) => group.spans, item: writeSpan });
}

function writeSpan(writer: Writer, span: Span): void {
  const end = writer.mark();
  writer.fixed32(133, span.flags);
  writeStatus(writer, span.status);
  writer.uint32(112, span.droppedLinksCount);
  for (let i = span.links.length - 1; i >= 0; i--) writeLink(writer, span.links[i]);
  writer.uint32(96, span.droppedEventsCount);
  for (let i = span.events.length - 1; i >= 0; i--) writeEvent(writer, span.events[i]);
  writer.uint32(80, span.droppedAttributesCount);
  writeAttributes(writer, 74, span.attributes);
  writer.fixed64(65, span.endNs);
  writer.fixed64(57, span.startNs);
  writer.int32(48, span.kind);
  writer.string(42, span.name);
  writer.id(34, span.parentSpanId);
  writer.string(26, span.traceState);
  writer.id(18, span.spanId);
  writer.id(10, span.traceId);
  writer.message(18, end);
}

function writeStatus(writer: Writer, { code, message }: Span['status']): void {
  if (code === 0 && message === '') return;
  const end = writer.mark();
  writer.int32(24, code);
  writer.string(18, message);
  writer.message(122, end);
}

function writeEvent(writer: Writer, event: SpanEvent): void {
  const end = writer.mark();
  writer.uint32(32, event.droppedAttributesCount);
  writeAttributes(writer, 26, event.attributes);
  writer.string(18, event.name);
  writer.fixed64(9, event.timeNs);
  writer.message(90, end);
}

function writeLink(writer: Writer, link: SpanLink): void {
  const end = writer.mark();
  writer.fixed32(53, link.flags);
  writer.uint32(40, link.droppedAttributesCount);
  writeAttributes(writer, 34, link.attributes);
  writer.string(26, link.traceState);
  writer.id(18, link.spanId);
  writer.id(10, link.traceId);
  writer.message(106, end);
}
