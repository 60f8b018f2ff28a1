import type { Batch } from '../../../component.js';
import { spanItems } from '../../items.js';
import type { MappingMode } from '../config.js';
import type { DocumentIds } from './document-id.js';
import type { DocumentWriter } from './document.js';
import { ecsEvent, ecsSpan } from './ecs-documents.js';
import { OtelDocuments } from './otel-documents.js';
import { plainSpan } from './plain-documents.js';
import type { Router } from '../streams/routing.js';
import { SharedBytes } from './shared-bytes.js';

/** Spans as documents of a mapping mode; their events are documents among the logs (plain modes: fields of the span). */
export function spanDocuments(batch: Batch, router: Router, ids: DocumentIds, mode: MappingMode, writer: DocumentWriter): void {
  if (mode === 'otel') otelSpans(batch, router, ids, writer);
  else otherSpans(batch, router, ids, mode, writer);
}

function otelSpans(batch: Batch, router: Router, ids: DocumentIds, writer: DocumentWriter): void {
  const shared = new SharedBytes();
  const otel = new OtelDocuments(writer.out);
  let item = 0;
  for (const part of batch.parts) {
    if (part.data.signal !== 'traces') continue;
    const frame = ids.in(part.position);
    let index = 0;
    for (const { resource, schemaUrl, scopeSpans } of part.data.traces.resourceSpans) {
      for (const { scope, schemaUrl: scopeSchemaUrl, spans } of scopeSpans) {
        const context = shared.of(resource, schemaUrl, scope, scopeSchemaUrl);
        for (const span of spans) {
          const ordinal = part.ordinals[index] ?? index;
          index++;
          const target = router.target('traces', resource, scope, span.attributes);
          writer.begin(target, frame, ordinal);
          otel.span(span, target, context);
          writer.end(item);
          for (let number = 0; number < span.events.length; number++) {
            const event = span.events[number];
            const among = router.target('logs', resource, scope, event.attributes);
            writer.begin(among, frame, ordinal, number);
            otel.event(span, event, among, context);
            writer.end(item);
          }
          item++;
        }
      }
    }
  }
}

function otherSpans(batch: Batch, router: Router, ids: DocumentIds, mode: Exclude<MappingMode, 'otel'>, writer: DocumentWriter): void {
  for (const each of spanItems(batch)) {
    const { span, part, index, resource, scope } = each;
    const ordinal = part.ordinals[index] ?? index;
    const frame = ids.in(part.position);
    const target = router.target('traces', resource, scope, span.attributes);
    writer.begin(target, frame, ordinal);
    writer.out.raw(mode === 'ecs' ? ecsSpan(each, target) : plainSpan(each, target, mode));
    writer.end(each.item);
    if (mode !== 'ecs') continue;
    for (const [number, event] of span.events.entries()) {
      const among = router.target('logs', resource, scope, event.attributes);
      writer.begin(among, frame, ordinal, number);
      writer.out.raw(ecsEvent(each, event, among));
      writer.end(each.item);
    }
  }
}
