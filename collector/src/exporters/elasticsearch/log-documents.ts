import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import type { Batch } from '../../component.js';
import { logItems, type LogItem } from '../items.js';
import type { MappingMode } from './config.js';
import { SharedText } from './context-text.js';
import type { DocumentIds } from './document-id.js';
import type { EsDocument } from './document.js';
import { ecsLog } from './ecs-documents.js';
import { logTimeNs, plainText } from './item-text.js';
import { attributesText, JsonObject, stringText, timeText } from './json-text.js';
import { plainLog } from './plain-documents.js';
import type { Router, Target } from './routing.js';

/** Log records as documents of a mapping mode. */
export function* logDocuments(batch: Batch, router: Router, ids: DocumentIds, mode: MappingMode): Generator<EsDocument> {
  const shared = new SharedText();
  for (const item of logItems(batch)) {
    const { record, part, index } = item;
    const target = router.target('logs', item.resource, item.scope, record.attributes);
    const source = mode === 'otel' ? otelLog(item, target, shared) : mode === 'ecs' ? ecsLog(item, target) : plainLog(item, target, mode);
    yield { index: target.index, isDataStream: target.dataStream !== null, id: ids.of(part.position, part.ordinals[index] ?? index), items: [item.item], source };
  }
}

/** As Elastic's OpenTelemetry mapping has them. */
function otelLog(item: LogItem, { dataStream }: Target, shared: SharedText): string {
  const { record, resource, resourceSchemaUrl, scope, scopeSchemaUrl } = item;
  const document = new JsonObject().raw('@timestamp', timeText(logTimeNs(item)));
  if (record.observedTimeNs !== 0n) document.raw('observed_timestamp', timeText(record.observedTimeNs));
  if (dataStream !== null) document.raw('data_stream', dataStream);
  document
    .string('trace_id', record.traceId)
    .string('span_id', record.spanId)
    .number('severity_number', record.severityNumber)
    .string('severity_text', record.severityText)
    .string('event_name', record.eventName);
  const body = bodyText(record.body);
  if (body !== null) document.raw('body', body);
  document
    .raw('attributes', attributesText(record.attributes))
    .number('dropped_attributes_count', record.droppedAttributesCount)
    .number('flags', record.flags)
    .raw('resource', shared.resource(resource, resourceSchemaUrl))
    .raw('scope', shared.scope(scope, scopeSchemaUrl));
  return document.toString();
}

/** Text as `text`, maps and lists as `structured`, whose content is not typed. */
function bodyText(body: AnyValue): string | null {
  if (body === null || body === '') return null;
  if (body instanceof KeyValueList) return `{"structured":${attributesText(body.entries)}}`;
  if (Array.isArray(body)) return `{"structured":${attributesText([{ key: 'value', value: body }])}}`;
  return `{"text":${stringText(plainText(body))}}`;
}
