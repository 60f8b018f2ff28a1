import { valueToJson } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import type { Batch } from '../../component.js';
import { logItems } from '../items.js';
import { SharedText, dataStreamText } from './context-text.js';
import type { DataStreamName } from './data-stream.js';
import type { DocumentIds } from './document-id.js';
import type { EsDocument } from './document.js';
import { attributesText, JsonObject, stringText, timeText } from './json-text.js';

/** Log records as Elastic's OpenTelemetry mapping has them. */
export function* logDocuments(batch: Batch, stream: DataStreamName, ids: DocumentIds): Generator<EsDocument> {
  const shared = new SharedText();
  const streamText = dataStreamText(stream);
  for (const { record, part, index, item, resource, resourceSchemaUrl, scope, scopeSchemaUrl } of logItems(batch)) {
    const timeNs = record.timeNs || record.observedTimeNs || part.receivedNs;
    const document = new JsonObject().raw('@timestamp', timeText(timeNs));
    if (record.observedTimeNs !== 0n) document.raw('observed_timestamp', timeText(record.observedTimeNs));
    document
      .raw('data_stream', streamText)
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
    yield { stream, id: ids.of(part.position, part.ordinals[index] ?? index), items: [item], source: document.toString() };
  }
}

/** Text as `text`, maps and lists as `structured`, whose content is not typed. */
function bodyText(body: AnyValue): string | null {
  if (body === null || body === '') return null;
  if (body instanceof KeyValueList) return `{"structured":${attributesText(body.entries)}}`;
  if (Array.isArray(body)) return `{"structured":${attributesText([{ key: 'value', value: body }])}}`;
  return `{"text":${stringText(typeof body === 'string' ? body : plainText(body))}}`;
}

function plainText(value: AnyValue): string {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') : valueToJson(value);
}
