import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { EvaluationContext } from '../evaluation-context.js';
import { int } from '../values.js';
import { bigintField, idField, intField, mapField, readOnly, stringField, timeField, toInt, toText, type Field, type Fields } from './field.js';
import { cacheField } from './resource.js';
import { traceStateField } from './trace-state.js';

const span = (context: EvaluationContext): EvaluationContext['span'] => context.span;
const event = (context: EvaluationContext): EvaluationContext['event'] => context.event;

const KIND_NAMES = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const KIND_ENUMS = KIND_NAMES.map((name) => `SPAN_KIND_${name.toUpperCase()}`);

const status: Field = {
  type: 'any',
  fields: {
    code: {
      type: 'int',
      get: (context) => int(context.span.current.status.code),
      set: (context, value) => {
        const code = Number(toInt(value));
        const { status: old } = context.span.current;
        if (old.code !== code) context.span.write().status = { ...old, code };
      },
    },
    message: {
      type: 'string',
      get: (context) => context.span.current.status.message,
      set: (context, value) => {
        const message = toText(value);
        const { status: old } = context.span.current;
        if (old.message !== message) context.span.write().status = { ...old, message };
      },
    },
  },
};

export const spanFields: Fields = {
  trace_id: idField(span, 'traceId', 32),
  span_id: idField(span, 'spanId', 16),
  parent_span_id: idField(span, 'parentSpanId', 16),
  trace_state: traceStateField,
  name: stringField(span, 'name'),
  kind: {
    ...intField(span, 'kind'),
    fields: {
      string: readOnly('string', (context) => KIND_NAMES[context.span.current.kind] ?? 'Unspecified'),
      deprecated_string: readOnly('string', (context) => KIND_ENUMS[context.span.current.kind] ?? 'SPAN_KIND_UNSPECIFIED'),
    },
  },
  start_time_unix_nano: bigintField(span, 'startNs'),
  end_time_unix_nano: bigintField(span, 'endNs'),
  start_time: timeField(span, 'startNs'),
  end_time: timeField(span, 'endNs'),
  attributes: mapField(span, 'attributes'),
  dropped_attributes_count: intField(span, 'droppedAttributesCount'),
  events: readOnly('list', (context) => context.span.current.events.map(({ name, timeNs, attributes }) => new KeyValueList([{ key: 'name', value: name }, { key: 'time_unix_nano', value: timeNs }, { key: 'attributes', value: new KeyValueList(attributes) }]))),
  dropped_events_count: intField(span, 'droppedEventsCount'),
  links: readOnly('list', (context) => context.span.current.links.map(({ traceId, spanId, attributes }) => new KeyValueList([{ key: 'trace_id', value: traceId }, { key: 'span_id', value: spanId }, { key: 'attributes', value: new KeyValueList(attributes) }]))),
  dropped_links_count: intField(span, 'droppedLinksCount'),
  flags: intField(span, 'flags'),
  status,
  cache: cacheField,
};

export const spanEventFields: Fields = {
  time_unix_nano: bigintField(event, 'timeNs'),
  time: timeField(event, 'timeNs'),
  name: stringField(event, 'name'),
  attributes: mapField(event, 'attributes'),
  dropped_attributes_count: intField(event, 'droppedAttributesCount'),
  event_index: readOnly('int', (context) => BigInt(context.eventIndex)),
  cache: cacheField,
};
