import { attributeText } from '@signalbox/signals/model/attribute-text';
import type { EvaluationContext } from '../evaluation-context.js';
import { bigintField, idField, intField, mapField, stringField, timeField, toStored, toText, type Field, type Fields } from './field.js';
import { cacheField } from './resource.js';

const log = (context: EvaluationContext): EvaluationContext['log'] => context.log;

const body: Field = {
  type: 'any',
  get: (context) => context.log.current.body,
  set: (context, value) => {
    const stored = toStored(value);
    if (context.log.current.body !== stored) context.log.write().body = stored;
  },
  fields: {
    string: {
      type: 'string',
      get: (context) => attributeText(context.log.current.body),
      set: (context, value) => {
        const text = toText(value);
        if (context.log.current.body !== text) context.log.write().body = text;
      },
    },
  },
};

export const logFields: Fields = {
  time_unix_nano: bigintField(log, 'timeNs'),
  observed_time_unix_nano: bigintField(log, 'observedTimeNs'),
  time: timeField(log, 'timeNs'),
  observed_time: timeField(log, 'observedTimeNs'),
  severity_number: intField(log, 'severityNumber'),
  severity_text: stringField(log, 'severityText'),
  body,
  attributes: mapField(log, 'attributes'),
  dropped_attributes_count: intField(log, 'droppedAttributesCount'),
  flags: intField(log, 'flags'),
  trace_id: idField(log, 'traceId', 32),
  span_id: idField(log, 'spanId', 16),
  event_name: stringField(log, 'eventName'),
  cache: cacheField,
};
