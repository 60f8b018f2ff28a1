import type { ResourceSpans, ScopeSpans, Span, SpanEvent, SpanLink, TracesData } from '../../model/span.js';
import { MAX_DEPTH_CEILING } from '../limits.js';
import { attributesFromJson, attributesToJson } from './attributes.js';
import { JsonReader } from './reader.js';
import type { JsonObject } from './reader.js';
import { resourceFromJson, resourceToJson, scopeFromJson, scopeToJson } from './resource.js';
import { integerJson, withoutDefaults } from './writer.js';

const SPAN_KINDS = [
  'SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER',
];
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/**
 * Reads an ExportTraceServiceRequest in OTLP/JSON, as JSON.parse has it. Ids of wrong length are kept, so that
 * `scanRequest` over the encoded data rejects just those spans.
 *
 * @throws OtlpError with the path where the value does not fit
 */
export function tracesFromJson(value: unknown, maxDepth = MAX_DEPTH_CEILING): TracesData {
  const json = new JsonReader(maxDepth);
  return { resourceSpans: json.list(json.root(value), 'resourceSpans', resourceSpansFromJson) };
}

function resourceSpansFromJson(json: JsonReader, object: JsonObject): ResourceSpans {
  return {
    resource: json.message(object, 'resource', resourceFromJson),
    schemaUrl: json.string(object, 'schemaUrl'),
    scopeSpans: json.list(object, 'scopeSpans', scopeSpansFromJson),
  };
}

function scopeSpansFromJson(json: JsonReader, object: JsonObject): ScopeSpans {
  return {
    scope: json.message(object, 'scope', scopeFromJson),
    schemaUrl: json.string(object, 'schemaUrl'),
    spans: json.list(object, 'spans', spanFromJson),
  };
}

function spanFromJson(json: JsonReader, object: JsonObject): Span {
  return {
    traceId: json.id(object, 'traceId'),
    spanId: json.id(object, 'spanId'),
    traceState: json.string(object, 'traceState'),
    parentSpanId: json.optionalId(object, 'parentSpanId'),
    flags: json.uint32(object, 'flags'),
    name: json.string(object, 'name'),
    kind: json.enumeration(object, 'kind', SPAN_KINDS),
    startNs: json.uint64(object, 'startTimeUnixNano'),
    endNs: json.uint64(object, 'endTimeUnixNano'),
    attributes: attributesFromJson(json, object, 'attributes'),
    droppedAttributesCount: json.uint32(object, 'droppedAttributesCount'),
    events: json.list(object, 'events', eventFromJson),
    droppedEventsCount: json.uint32(object, 'droppedEventsCount'),
    links: json.list(object, 'links', linkFromJson),
    droppedLinksCount: json.uint32(object, 'droppedLinksCount'),
    status: json.message(object, 'status', statusFromJson) ?? { code: 0, message: '' },
  };
}

function eventFromJson(json: JsonReader, object: JsonObject): SpanEvent {
  return {
    timeNs: json.uint64(object, 'timeUnixNano'),
    name: json.string(object, 'name'),
    attributes: attributesFromJson(json, object, 'attributes'),
    droppedAttributesCount: json.uint32(object, 'droppedAttributesCount'),
  };
}

function linkFromJson(json: JsonReader, object: JsonObject): SpanLink {
  return {
    traceId: json.id(object, 'traceId'),
    spanId: json.id(object, 'spanId'),
    traceState: json.string(object, 'traceState'),
    attributes: attributesFromJson(json, object, 'attributes'),
    droppedAttributesCount: json.uint32(object, 'droppedAttributesCount'),
    flags: json.uint32(object, 'flags'),
  };
}

function statusFromJson(json: JsonReader, object: JsonObject): Span['status'] {
  return { code: json.enumeration(object, 'code', STATUS_CODES), message: json.string(object, 'message') };
}

/** An ExportTraceServiceRequest in OTLP/JSON, to be serialized. */
export function tracesToJson(data: TracesData): object {
  return withoutDefaults({
    resourceSpans: data.resourceSpans.map(({ resource, schemaUrl, scopeSpans }) => withoutDefaults({
      resource: resourceToJson(resource),
      scopeSpans: scopeSpans.map(({ scope, schemaUrl: scopeSchemaUrl, spans }) => withoutDefaults({
        scope: scopeToJson(scope),
        spans: spans.map(spanToJson),
        schemaUrl: scopeSchemaUrl,
      })),
      schemaUrl,
    })),
  });
}

function spanToJson(span: Span): object {
  const status = withoutDefaults({ message: span.status.message, code: span.status.code });
  return withoutDefaults({
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId,
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: integerJson(span.startNs),
    endTimeUnixNano: integerJson(span.endNs),
    attributes: attributesToJson(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => withoutDefaults({
      timeUnixNano: integerJson(event.timeNs),
      name: event.name,
      attributes: attributesToJson(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => withoutDefaults({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: attributesToJson(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
      flags: link.flags,
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: Object.keys(status).length === 0 ? null : status,
  });
}
