import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import type { Context } from '../hot/contexts.js';
import type { HotSpans } from '../hot/hot-spans.js';
import { hashBytes } from '../index/hash.js';
import { eventsToJson, linksToJson } from '../tables/nested-json.js';
import { SPAN, spanRest } from '../tables/spans.js';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/** Why a span is dropped whose ids have the wrong length. Receivers refuse such spans; a journal may come from elsewhere. */
export const INVALID_ID = 'invalid_id';

/** Adds decoded spans to the hot part: the plain way, that `span-wire` is held against. */
export function appendTraces(hot: HotSpans, tenant: string, traces: TracesData): { readonly delivered: number; readonly invalid: number } {
  let delivered = 0;
  let invalid = 0;
  for (const { resource, schemaUrl: resourceSchemaUrl, scopeSpans } of traces.resourceSpans) {
    for (const { scope, schemaUrl: scopeSchemaUrl, spans: ofScope } of scopeSpans) {
      if (ofScope.length === 0) continue;
      const key = JSON.stringify([tenant, resource && [attributesToJson(resource.attributes), resource.droppedAttributesCount], resourceSchemaUrl, scope && [scope.name, scope.version, attributesToJson(scope.attributes), scope.droppedAttributesCount], scopeSchemaUrl]);
      const context = hot.contexts.get(key) ?? hot.contexts.add(key, tenant, { resource, resourceSchemaUrl, scope, scopeSchemaUrl, stream: null });
      for (const span of ofScope) {
        if (appendSpan(hot, context, span)) delivered++;
        else invalid++;
      }
    }
  }
  return { delivered, invalid };
}

/** False where the span's ids cannot be. */
export function appendSpan(hot: HotSpans, context: Context, span: Span): boolean {
  const word = (hex: string, at: number): number => parseInt(hex.slice(at * 8, at * 8 + 8), 16) | 0;
  const { traceId, spanId, parentSpanId } = span;
  if (traceId.length !== TRACE_ID_DIGITS || spanId.length !== SPAN_ID_DIGITS) return false;
  const hasParent = parentSpanId.length === SPAN_ID_DIGITS;
  hot.setIds(word(traceId, 0), word(traceId, 1), word(traceId, 2), word(traceId, 3), word(spanId, 0), word(spanId, 1), hasParent ? word(parentSpanId, 0) : 0, hasParent ? word(parentSpanId, 1) : 0);
  hot.setTimes(high(span.startNs), low(span.startNs), high(span.endNs), low(span.endNs));
  hot.setNumbers(span.kind, span.status.code, span.flags);
  const name = Buffer.from(span.name);
  hot.setText(SPAN.name, name);
  if (span.status.message !== '') hot.setText(SPAN.statusMessage, Buffer.from(span.status.message));
  const rest = spanRest(span.traceState, span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount);
  if (rest !== null) hot.setText(SPAN.rest, Buffer.from(rest));
  if (span.events.length > 0) hot.setText(SPAN.events, Buffer.from(eventsToJson(span.events)));
  if (span.links.length > 0) hot.setText(SPAN.links, Buffer.from(linksToJson(span.links)));
  const parts = span.attributes.map((attribute) => {
    hot.addAttributeTerms(context, attribute);
    return attributesToJson([attribute]).slice(1, -1);
  });
  hot.setText(SPAN.attributes, Buffer.from(`{${parts.join(',')}}`));
  context.service.addOperation(span.name, span.kind);
  hot.endRow(context, hashBytes(context.seeds.name, name, 0, name.length));
  return true;
}

function high(ns: bigint): number {
  return Number((ns >> 32n) & 0xffffffffn);
}

function low(ns: bigint): number {
  return Number(ns & 0xffffffffn);
}
