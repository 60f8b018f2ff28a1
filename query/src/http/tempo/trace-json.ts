import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { ResourceSpans, Span, SpanEvent, SpanLink } from '@signalbox/signals/model/span';
import { anyValueJson } from './any-value.js';

/**
 * A trace's resources as Tempo writes them. That is protobuf's own JSON and not OTLP's: ids are base64, enums are
 * names, 64-bit integers are text, and what is zero or empty is left out.
 */
export function resourceSpansJson({ resource, schemaUrl, scopeSpans }: ResourceSpans): object {
  return compact({
    resource: resourceJson(resource),
    scopeSpans: scopeSpans.map((group) => compact({ scope: scopeJson(group.scope), spans: group.spans.map(spanJson), schemaUrl: group.schemaUrl })),
    schemaUrl,
  });
}

const KINDS = ['', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER'];
const STATUS_CODES = ['', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

function spanJson(span: Span): object {
  return compact({
    traceId: base64(span.traceId),
    spanId: base64(span.spanId),
    traceState: span.traceState,
    parentSpanId: base64(span.parentSpanId),
    flags: span.flags,
    name: span.name,
    kind: KINDS[span.kind] ?? span.kind,
    startTimeUnixNano: time(span.startNs),
    endTimeUnixNano: time(span.endNs),
    attributes: attributesJson(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(eventJson),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map(linkJson),
    droppedLinksCount: span.droppedLinksCount,
    status: compact({ message: span.status.message, code: STATUS_CODES[span.status.code] ?? span.status.code }),
  });
}

function eventJson({ timeNs, name, attributes, droppedAttributesCount }: SpanEvent): object {
  return compact({ timeUnixNano: time(timeNs), name, attributes: attributesJson(attributes), droppedAttributesCount });
}

function linkJson({ traceId, spanId, traceState, attributes, droppedAttributesCount, flags }: SpanLink): object {
  return compact({ traceId: base64(traceId), spanId: base64(spanId), traceState, attributes: attributesJson(attributes), droppedAttributesCount, flags });
}

function resourceJson(resource: Resource | null): object | null {
  return resource === null ? null : compact({ attributes: attributesJson(resource.attributes), droppedAttributesCount: resource.droppedAttributesCount });
}

function scopeJson(scope: Scope | null): object | null {
  if (scope === null) return null;
  return compact({ name: scope.name, version: scope.version, attributes: attributesJson(scope.attributes), droppedAttributesCount: scope.droppedAttributesCount });
}

function attributesJson(attributes: Attributes): object[] {
  return attributes.map(({ key, value }) => ({ key, value: anyValueJson(value) }));
}

function compact(object: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== '' && value !== 0 && value !== null && !(Array.isArray(value) && value.length === 0)));
}

function time(ns: bigint): string {
  return ns === 0n ? '' : String(ns);
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
