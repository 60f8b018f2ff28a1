import type { SpanEvent } from '@signalbox/signals/model/span';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { LogItem, SpanItem } from '../../items.js';
import { DocumentFields } from './document-fields.js';
import { ecsAttributes, ecsResource } from './ecs-fields.js';
import { kindText, logTimeNs, plainText } from './item-text.js';
import { timeText } from '../json/json-text.js';
import type { Target } from '../streams/routing.js';

const OUTCOMES = ['unknown', 'success', 'failure'];
const SERVER = 2;
const CONSUMER = 5;

/** A log record by the Elastic Common Schema. Its own fields stand above attributes of the same name. */
export function ecsLog(item: LogItem, target: Target): string {
  const { record, resource, scope } = item;
  const fields = context(resource, scope, record.attributes).raw('@timestamp', timeText(logTimeNs(item)));
  fields.string('trace.id', record.traceId).string('span.id', record.spanId).string('log.level', record.severityText).string('event.action', record.eventName);
  if (record.severityNumber !== 0) fields.raw('event.severity', String(record.severityNumber));
  if (record.body !== null) fields.string('message', plainText(record.body));
  return fields.dataStream(target).toString();
}

/** A span; one that begins the work of a service is the transaction. */
export function ecsSpan({ span, resource, scope }: SpanItem, target: Target): string {
  const fields = context(resource, scope, span.attributes)
    .raw('@timestamp', timeText(span.startNs))
    .string('trace.id', span.traceId)
    .string('span.id', span.spanId)
    .string('parent.id', span.parentSpanId)
    .string('span.name', span.name)
    .string('span.kind', kindText(span.kind))
    .raw('event.duration', String(span.endNs > span.startNs ? span.endNs - span.startNs : 0n))
    .string('event.outcome', OUTCOMES[span.status.code] ?? 'unknown');
  if (span.status.code === 2) fields.string('error.message', span.status.message);
  if (span.parentSpanId === '' || span.kind === SERVER || span.kind === CONSUMER) fields.string('transaction.id', span.spanId).string('transaction.name', span.name);
  if (span.links.length > 0) fields.raw('span.links', JSON.stringify(span.links.map(({ traceId, spanId }) => ({ trace: { id: traceId }, span: { id: spanId } }))));
  return fields.dataStream(target).toString();
}

export function ecsEvent({ span, resource, scope }: SpanItem, event: SpanEvent, target: Target): string {
  const fields = context(resource, scope, event.attributes).raw('@timestamp', timeText(event.timeNs || span.startNs));
  return fields.string('trace.id', span.traceId).string('span.id', span.spanId).string('event.action', event.name).dataStream(target).toString();
}

/** What points of one document share; each metric is a field beside it. */
export function ecsPointHead(resource: Resource | null, scope: Scope | null, attributes: Attributes, timeNs: bigint, target: Target): string {
  return context(resource, scope, attributes).raw('@timestamp', timeText(timeNs)).dataStream(target).toString();
}

function context(resource: Resource | null, scope: Scope | null, attributes: Attributes): DocumentFields {
  const fields = new DocumentFields();
  if (resource !== null) ecsResource(fields, resource);
  if (scope !== null) ecsAttributes(fields, scope.attributes).string('log.logger', scope.name);
  return ecsAttributes(fields, attributes);
}
