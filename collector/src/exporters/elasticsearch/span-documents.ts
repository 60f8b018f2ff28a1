import type { SpanEvent } from '@signalbox/signals/model/span';
import type { Batch } from '../../component.js';
import { spanItems, type SpanItem } from '../items.js';
import type { MappingMode } from './config.js';
import { SharedText } from './context-text.js';
import type { DocumentIds } from './document-id.js';
import type { EsDocument } from './document.js';
import { ecsEvent, ecsSpan } from './ecs-documents.js';
import { kindText, linkText, statusText } from './item-text.js';
import { attributesText, JsonObject, timeText } from './json-text.js';
import { plainSpan } from './plain-documents.js';
import type { Router, Target } from './routing.js';

/** Spans as documents of a mapping mode; their events are documents among the logs (plain modes: fields of the span). */
export function* spanDocuments(batch: Batch, router: Router, ids: DocumentIds, mode: MappingMode): Generator<EsDocument> {
  const shared = new SharedText();
  for (const item of spanItems(batch)) {
    const { span, part, index, resource, scope } = item;
    const ordinal = part.ordinals[index] ?? index;
    const target = router.target('traces', resource, scope, span.attributes);
    const source = mode === 'otel' ? otelSpan(item, target, shared) : mode === 'ecs' ? ecsSpan(item, target) : plainSpan(item, target, mode);
    yield { index: target.index, isDataStream: target.dataStream !== null, id: ids.of(part.position, ordinal), items: [item.item], source };
    if (mode === 'none' || mode === 'raw') continue;
    for (const [number, event] of span.events.entries()) {
      const among = router.target('logs', resource, scope, event.attributes);
      const text = mode === 'otel' ? otelEvent(item, event, among, shared) : ecsEvent(item, event, among);
      yield { index: among.index, isDataStream: among.dataStream !== null, id: ids.of(part.position, ordinal, number), items: [item.item], source: text };
    }
  }
}

/** As Elastic's OpenTelemetry mapping has them. */
function otelSpan({ span, resource, resourceSchemaUrl, scope, scopeSchemaUrl }: SpanItem, { dataStream }: Target, shared: SharedText): string {
  const document = new JsonObject().raw('@timestamp', timeText(span.startNs));
  if (dataStream !== null) document.raw('data_stream', dataStream);
  document
    .string('trace_id', span.traceId)
    .string('span_id', span.spanId)
    .string('trace_state', span.traceState)
    .string('parent_span_id', span.parentSpanId)
    .string('name', span.name)
    .string('kind', kindText(span.kind))
    .raw('duration', String(span.endNs > span.startNs ? span.endNs - span.startNs : 0n))
    .raw('attributes', attributesText(span.attributes))
    .number('dropped_attributes_count', span.droppedAttributesCount)
    .number('dropped_events_count', span.droppedEventsCount)
    .number('dropped_links_count', span.droppedLinksCount);
  if (span.links.length > 0) document.raw('links', `[${span.links.map(linkText).join(',')}]`);
  const status = new JsonObject().string('code', statusText(span.status.code)).string('message', span.status.message);
  return document.raw('status', status.toString()).raw('resource', shared.resource(resource, resourceSchemaUrl)).raw('scope', shared.scope(scope, scopeSchemaUrl)).toString();
}

function otelEvent({ span, resource, resourceSchemaUrl, scope, scopeSchemaUrl }: SpanItem, event: SpanEvent, { dataStream }: Target, shared: SharedText): string {
  const document = new JsonObject().raw('@timestamp', timeText(event.timeNs || span.startNs));
  if (dataStream !== null) document.raw('data_stream', dataStream);
  return document
    .string('trace_id', span.traceId)
    .string('span_id', span.spanId)
    .string('event_name', event.name)
    .raw('attributes', attributesText(event.attributes))
    .number('dropped_attributes_count', event.droppedAttributesCount)
    .raw('resource', shared.resource(resource, resourceSchemaUrl))
    .raw('scope', shared.scope(scope, scopeSchemaUrl))
    .toString();
}
