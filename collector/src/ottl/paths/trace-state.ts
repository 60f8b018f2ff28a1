import type { Attributes } from '@signalbox/signals/model/attributes';
import type { EvaluationContext } from '../evaluation-context.js';
import { attributeText } from '@signalbox/signals/model/attribute-text';
import { toText, type Field } from './field.js';

/** W3C trace state, as text, and by `trace_state["vendor"]`. A vendor that is set stands in front, as the specification wants it. */
export const traceStateField: Field = {
  type: 'string',
  get: (context) => context.span.current.traceState,
  set: (context, value) => write(context, toText(value)),
  entries: (context) => parse(context.span.current.traceState),
  setEntries: (context, entries) => {
    const before = new Set(parse(context.span.current.traceState).map(({ key, value }) => `${key}=${attributeText(value)}`));
    const texts = entries.map(({ key, value }) => `${key}=${attributeText(value)}`);
    write(context, [...texts.filter((text) => !before.has(text)), ...texts.filter((text) => before.has(text))].join(','));
  },
};

function parse(traceState: string): Attributes {
  if (traceState === '') return [];
  return traceState.split(',').flatMap((member) => {
    const equals = member.indexOf('=');
    return equals < 0 ? [] : [{ key: member.slice(0, equals).trim(), value: member.slice(equals + 1).trim() }];
  });
}

function write(context: EvaluationContext, text: string): void {
  if (context.span.current.traceState !== text) context.span.write().traceState = text;
}

