import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { toStored } from '../paths/field.js';
import { isList, typeOf } from '../values.js';

/** Nothing is done where the value is nil. */
const set = define('set', { target: 'target', value: 'value' }, 'nil', (args) => {
  const target = args.expression('target');
  const source = args.expression('value');
  const { constant } = source;
  if (constant && constant.value !== null && target.type !== 'any' && source.type !== target.type && !fits(target.type, source.type)) {
    throw new Error(`the target is of type ${target.type}, the value of type ${source.type}`);
  }
  const get = source.get;
  const write = target.set;
  return (context) => {
    const value = get(context);
    if (value !== null) write?.(context, value);
    return null;
  };
});

/** Ids take hex text, floats take ints. */
function fits(target: string, source: string): boolean {
  return (target === 'bytes' && source === 'string') || (target === 'float' && source === 'int');
}

/** Adds to the end of a list; what is no list becomes the first value of one. */
const append = define('append', { target: 'target', 'value?': 'value', 'values?': 'list' }, 'nil', (args) => {
  const target = args.expression('target');
  if (args.has('value') === args.has('values')) throw new Error("give 'value' or 'values', one of the two");
  const one = args.has('value') ? args.value('value') : null;
  const many = args.has('values') ? args.list('values') : null;
  return (context) => {
    const held = target.get(context);
    if (held instanceof KeyValueList) throw new OttlFailure('target: a map cannot be appended to');
    const list: readonly AnyValue[] = held === null ? [] : isList(held) ? held : [toStored(held)];
    const added = many ? many(context) : one ? [toStored(one(context))] : [];
    target.set?.(context, [...list, ...added]);
    return null;
  };
});

const delete_index = define('delete_index', { target: 'target', startIndex: 'int', 'endIndex?': 'int' }, 'nil', (args) => {
  const target = args.expression('target');
  const start = args.int('startIndex');
  const end = args.has('endIndex') ? args.int('endIndex') : null;
  return (context) => {
    const list = target.get(context);
    if (!isList(list)) throw new OttlFailure(`target: expected list, found ${typeOf(list)}`);
    const from = Number(start(context));
    const to = end ? Number(end(context)) : from + 1;
    if (from < 0 || to <= from || to > list.length) throw new OttlFailure(`the list has ${list.length} values, it has none from ${from} to ${to}`);
    target.set?.(context, [...list.slice(0, from), ...list.slice(to)]);
    return null;
  };
});

export const valueEditors: readonly FunctionDefinition[] = [set, append, delete_index];
