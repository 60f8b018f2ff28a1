import type { SpanLink } from '@signalbox/signals/model/span';
import type { Batch } from '../../component.js';
import { spanItems } from '../items.js';
import { SharedText, dataStreamText } from './context-text.js';
import type { DataStreamName } from './data-stream.js';
import type { DocumentIds } from './document-id.js';
import type { EsDocument } from './document.js';
import { attributesText, JsonObject, timeText } from './json-text.js';

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUS_CODES = ['Unset', 'Ok', 'Error'];

/** Spans as Elastic's OpenTelemetry mapping has them, and their events as documents among the logs. */
export function* spanDocuments(batch: Batch, stream: DataStreamName, ids: DocumentIds): Generator<EsDocument> {
  const shared = new SharedText();
  const streamText = dataStreamText(stream);
  const eventStream: DataStreamName = { ...stream, type: 'logs' };
  const eventStreamText = dataStreamText(eventStream);
  for (const { span, part, index, item, resource, resourceSchemaUrl, scope, scopeSchemaUrl } of spanItems(batch)) {
    const ordinal = part.ordinals[index] ?? index;
    const resourceText = shared.resource(resource, resourceSchemaUrl);
    const scopeText = shared.scope(scope, scopeSchemaUrl);
    const document = new JsonObject()
      .raw('@timestamp', timeText(span.startNs))
      .raw('data_stream', streamText)
      .string('trace_id', span.traceId)
      .string('span_id', span.spanId)
      .string('trace_state', span.traceState)
      .string('parent_span_id', span.parentSpanId)
      .string('name', span.name)
      .string('kind', KINDS[span.kind] ?? String(span.kind))
      .raw('duration', String(span.endNs > span.startNs ? span.endNs - span.startNs : 0n))
      .raw('attributes', attributesText(span.attributes))
      .number('dropped_attributes_count', span.droppedAttributesCount)
      .number('dropped_events_count', span.droppedEventsCount)
      .number('dropped_links_count', span.droppedLinksCount);
    if (span.links.length > 0) document.raw('links', `[${span.links.map(linkText).join(',')}]`);
    const status = new JsonObject().string('code', STATUS_CODES[span.status.code] ?? String(span.status.code)).string('message', span.status.message);
    document.raw('status', status.toString()).raw('resource', resourceText).raw('scope', scopeText);
    yield { stream, id: ids.of(part.position, ordinal), items: [item], source: document.toString() };

    for (const [number, event] of span.events.entries()) {
      const source = new JsonObject()
        .raw('@timestamp', timeText(event.timeNs || span.startNs))
        .raw('data_stream', eventStreamText)
        .string('trace_id', span.traceId)
        .string('span_id', span.spanId)
        .string('event_name', event.name)
        .raw('attributes', attributesText(event.attributes))
        .number('dropped_attributes_count', event.droppedAttributesCount)
        .raw('resource', resourceText)
        .raw('scope', scopeText);
      yield { stream: eventStream, id: ids.of(part.position, ordinal, number), items: [item], source: source.toString() };
    }
  }
}

function linkText(link: SpanLink): string {
  return new JsonObject()
    .string('trace_id', link.traceId)
    .string('span_id', link.spanId)
    .string('trace_state', link.traceState)
    .raw('attributes', attributesText(link.attributes))
    .number('dropped_attributes_count', link.droppedAttributesCount)
    .toString();
}
