import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { compareValues } from '../operators/compare.js';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { toMap } from '../paths/field.js';
import { entryValue } from '../paths/nested.js';
import { equalValues, typeOf } from '../values.js';
import { luhnValid } from './luhn.js';
import { textOf } from './types.js';

const Keys = define('Keys', { target: 'value' }, 'list', (args) => {
  const target = args.value('target');
  return (context) => toMap(target(context)).entries.map(({ key }) => key);
});

const Values = define('Values', { target: 'value' }, 'list', (args) => {
  const target = args.value('target');
  return (context) => toMap(target(context)).entries.map(({ value }) => value);
});

const ContainsValue = define('ContainsValue', { target: 'list', item: 'value' }, 'bool', (args) => {
  const target = args.list('target');
  const item = args.value('item');
  return (context) => {
    const sought = item(context);
    return target(context).some((value) => equalValues(value, sought));
  };
});

/** Numbers by size, anything else as text. */
const Sort = define('Sort', { target: 'list', 'order?': 'word' }, 'list', (args) => {
  const target = args.list('target');
  const order = args.word('order', 'asc');
  if (order !== 'asc' && order !== 'desc') throw new Error(`the order is asc or desc, not '${order}'`);
  const sign = order === 'asc' ? 1 : -1;
  return (context) => {
    const values = target(context);
    const numbers = values.every((value) => typeof value === 'bigint' || typeof value === 'number');
    const keyed = values.map((value): readonly [AnyValue, AnyValue] => [numbers ? value : (textOf(value) ?? ''), value]);
    keyed.sort(([a], [b]) => sign * (compareValues(a, b, '<') ? -1 : compareValues(a, b, '>') ? 1 : 0));
    return keyed.map(([, value]) => value);
  };
});

const SliceToMap = define('SliceToMap', { target: 'list', keyPath: 'words', 'valuePath?': 'words' }, 'map', (args) => {
  const target = args.list('target');
  const keyPath = args.words('keyPath');
  const valuePath = args.words('valuePath');
  const follow = (value: AnyValue, path: readonly string[]): AnyValue => path.reduce<AnyValue>((at, key) => (at instanceof KeyValueList ? entryValue(at.entries, key) : null), value);
  return (context) => {
    const map = new Map<string, AnyValue>();
    for (const item of target(context)) {
      const key = follow(item, keyPath);
      if (typeof key !== 'string') throw new OttlFailure(`SliceToMap: there is no text at '${keyPath.join('.')}'`);
      map.set(key, follow(item, valuePath));
    }
    return new KeyValueList([...map].map(([key, value]) => ({ key, value })));
  };
});

const Log = define('Log', { value: 'value' }, 'float', (args) => {
  const value = args.value('value');
  return (context) => {
    const given = value(context);
    const number = typeof given === 'string' ? Number(given) : typeof given === 'bigint' || typeof given === 'number' ? Number(given) : NaN;
    if (!(number > 0)) throw new OttlFailure(`Log: a number above 0 was expected, found ${typeOf(given)}`);
    return Math.log(number);
  };
});

const IsRootSpan = define('IsRootSpan', {}, 'bool', () => (context) => context.span.current.parentSpanId === '');

const IsValidLuhn = define('IsValidLuhn', { target: 'value' }, 'bool', (args) => {
  const target = args.value('target');
  return (context) => luhnValid(textOf(target(context)) ?? '');
});

/** Points of the metric at hand; for conditions on metrics. */
const HasAttrKeyOnDatapoint = define('HasAttrKeyOnDatapoint', { key: 'word' }, 'bool', (args) => {
  const key = args.word('key', '');
  return ({ metric: { current } }) => current.values.type !== 'none' && current.values.dataPoints.some(({ attributes }) => attributes.some((entry) => entry.key === key));
});

const HasAttrOnDatapoint = define('HasAttrOnDatapoint', { key: 'word', value: 'word' }, 'bool', (args) => {
  const key = args.word('key', '');
  const value = args.word('value', '');
  return ({ metric: { current } }) => current.values.type !== 'none' && current.values.dataPoints.some(({ attributes }) => entryValue(attributes, key) === value);
});

export const collectionConverters: readonly FunctionDefinition[] = [Keys, Values, ContainsValue, Sort, SliceToMap, Log, IsRootSpan, IsValidLuhn, HasAttrKeyOnDatapoint, HasAttrOnDatapoint];
