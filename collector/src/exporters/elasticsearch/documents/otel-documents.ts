import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Span, SpanEvent } from '@signalbox/signals/model/span';
import { AttributeBytes } from '../json/attribute-bytes.js';
import { kindText, linkText, plainText, statusText } from './item-text.js';
import type { JsonBuffer } from '../json/json-buffer.js';
import type { Phrase } from '../json/phrase.js';
import { attributesText } from '../json/json-text.js';
import type { Target } from '../streams/routing.js';

/**
 * Spans, their events and log records as Elastic's OpenTelemetry mapping has them. `context` is the end of the document: resource,
 * scope and the last brace.
 */
export class OtelDocuments {
  private readonly attributes = new AttributeBytes();

  constructor(private readonly out: JsonBuffer) {}

  span(span: Span, target: Target, context: Phrase): void {
    const { out } = this;
    this.head(span.startNs, target);
    this.text(',"trace_id":', span.traceId);
    this.text(',"span_id":', span.spanId);
    this.text(',"trace_state":', span.traceState);
    this.text(',"parent_span_id":', span.parentSpanId);
    this.text(',"name":', span.name);
    this.text(',"kind":', kindText(span.kind));
    out.ascii(',"duration":');
    out.integer(span.endNs > span.startNs ? span.endNs - span.startNs : 0n);
    out.ascii(',"attributes":');
    this.attributes.write(out, span.attributes);
    this.count(',"dropped_attributes_count":', span.droppedAttributesCount);
    this.count(',"dropped_events_count":', span.droppedEventsCount);
    this.count(',"dropped_links_count":', span.droppedLinksCount);
    if (span.links.length > 0) out.raw(`,"links":[${span.links.map(linkText).join(',')}]`);
    this.text(',"status":{"code":', statusText(span.status.code));
    this.text(',"message":', span.status.message);
    out.ascii('}');
    out.phrase(context);
  }

  event(span: Span, event: SpanEvent, target: Target, context: Phrase): void {
    const { out } = this;
    this.head(event.timeNs || span.startNs, target);
    this.text(',"trace_id":', span.traceId);
    this.text(',"span_id":', span.spanId);
    this.text(',"event_name":', event.name);
    out.ascii(',"attributes":');
    this.attributes.write(out, event.attributes);
    this.count(',"dropped_attributes_count":', event.droppedAttributesCount);
    out.phrase(context);
  }

  log(record: LogRecord, timeNs: bigint, target: Target, context: Phrase): void {
    const { out } = this;
    this.head(timeNs, target);
    if (record.observedTimeNs !== 0n) {
      out.ascii(',"observed_timestamp":');
      out.time(record.observedTimeNs);
    }
    this.text(',"trace_id":', record.traceId);
    this.text(',"span_id":', record.spanId);
    this.count(',"severity_number":', record.severityNumber);
    this.text(',"severity_text":', record.severityText);
    this.text(',"event_name":', record.eventName);
    this.body(record.body);
    out.ascii(',"attributes":');
    this.attributes.write(out, record.attributes);
    this.count(',"dropped_attributes_count":', record.droppedAttributesCount);
    this.count(',"flags":', record.flags);
    out.phrase(context);
  }

  private head(timeNs: bigint, target: Target): void {
    this.out.ascii('{"@timestamp":');
    this.out.time(timeNs);
    this.out.phrase(target.dataStreamField);
  }

  /** Text as `text`, maps and lists as `structured`, whose content is not typed. */
  private body(body: AnyValue): void {
    const { out } = this;
    if (body === null || body === '') return;
    if (body instanceof KeyValueList) out.raw(`,"body":{"structured":${attributesText(body.entries)}}`);
    else if (Array.isArray(body)) out.raw(`,"body":{"structured":${attributesText([{ key: 'value', value: body }])}}`);
    else {
      out.ascii(',"body":{"text":');
      out.string(plainText(body));
      out.ascii('}');
    }
  }

  private text(name: string, value: string): void {
    if (value === '') return;
    this.out.ascii(name);
    this.out.string(value);
  }

  private count(name: string, value: number): void {
    if (value === 0) return;
    this.out.ascii(name);
    this.out.integer(value);
  }
}
