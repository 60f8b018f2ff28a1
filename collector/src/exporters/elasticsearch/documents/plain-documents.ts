import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Scope } from '@signalbox/signals/model/resource';
import type { LogItem, SpanItem } from '../../items.js';
import { DocumentFields } from './document-fields.js';
import { kindText, linkText, logTimeNs, plainText, statusText } from './item-text.js';
import { stringText, timeText } from '../json/json-text.js';
import type { Target } from '../streams/routing.js';

type PlainMode = 'none' | 'raw';

const NS_PER_US = 1000n;

/** A log record as the Collector's modes `none` and `raw` have it: names in CamelCase, attributes below `Attributes` or at the top. */
export function plainLog(item: LogItem, target: Target, mode: PlainMode): string {
  const { record, resource, scope } = item;
  const fields = new DocumentFields();
  below(fields, mode === 'none' ? 'Attributes' : '', record.attributes);
  below(fields, 'Resource', resource?.attributes ?? []);
  scopeOf(fields, scope);
  fields.raw('@timestamp', timeText(logTimeNs(item))).string('TraceId', record.traceId).string('SpanId', record.spanId).string('SeverityText', record.severityText);
  fields.raw('TraceFlags', String(record.flags & 0xff)).raw('SeverityNumber', String(record.severityNumber)).string('EventName', record.eventName);
  if (record.body !== null) fields.string('Body', plainText(record.body));
  return fields.dataStream(target).toString();
}

/** A span, its events and links within. `Duration` is in microseconds. */
export function plainSpan({ span, resource, scope }: SpanItem, target: Target, mode: PlainMode): string {
  const fields = new DocumentFields();
  below(fields, mode === 'none' ? 'Attributes' : '', span.attributes);
  for (const { name, timeNs, attributes } of span.events) {
    const place = mode === 'none' ? `Events.${name || 'event'}` : name || 'event';
    below(fields, place, attributes);
    fields.raw(`${place}.time`, timeText(timeNs || span.startNs));
  }
  below(fields, 'Resource', resource?.attributes ?? []);
  scopeOf(fields, scope);
  fields
    .raw('@timestamp', timeText(span.startNs))
    .raw('EndTimestamp', timeText(span.endNs))
    .string('TraceId', span.traceId)
    .string('SpanId', span.spanId)
    .string('ParentSpanId', span.parentSpanId)
    .string('Name', span.name)
    .string('Kind', kindText(span.kind))
    .raw('TraceStatus', String(span.status.code))
    .string('TraceStatusText', statusText(span.status.code))
    .string('TraceStatusDescription', span.status.message)
    .raw('Duration', String(span.endNs > span.startNs ? (span.endNs - span.startNs) / NS_PER_US : 0n));
  if (span.links.length > 0) fields.raw('Link', stringText(`[${span.links.map(linkText).join(',')}]`));
  return fields.dataStream(target).toString();
}

function below(fields: DocumentFields, prefix: string, attributes: Attributes): void {
  fields.attributes(attributes, (name) => (prefix === '' ? name : `${prefix}.${name}`));
}

function scopeOf(fields: DocumentFields, scope: Scope | null): void {
  if (scope === null) return;
  below(fields, 'Scope', scope.attributes);
  fields.string('Scope.name', scope.name).string('Scope.version', scope.version);
}
