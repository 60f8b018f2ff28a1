import { attributeText } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue, type Attributes, type KeyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { keepEntries, withEntry, withoutEntry } from '../paths/nested.js';
import { isList, typeOf } from '../values.js';

const delete_key = define('delete_key', { target: 'map', key: 'string' }, 'nil', (args) => {
  const key = args.string('key');
  return args.editMap('target', (entries, context) => withoutEntry(entries, key(context)));
});

const delete_matching_keys = define('delete_matching_keys', { target: 'map', pattern: 'pattern' }, 'nil', (args) => {
  const pattern = args.pattern('pattern');
  return args.editMap('target', (entries, context) => {
    const { test } = pattern(context);
    return keepEntries(entries, ({ key }) => !test(key));
  });
});

const keep_keys = define('keep_keys', { target: 'map', keys: 'words' }, 'nil', (args) => {
  const keys = new Set(args.words('keys'));
  return args.editMap('target', (entries) => keepEntries(entries, ({ key }) => keys.has(key)));
});

const keep_matching_keys = define('keep_matching_keys', { target: 'map', pattern: 'pattern' }, 'nil', (args) => {
  const pattern = args.pattern('pattern');
  return args.editMap('target', (entries, context) => {
    const { test } = pattern(context);
    return keepEntries(entries, ({ key }) => test(key));
  });
});

/** Keeps the first so many, and those of `priority_keys` before all. */
const limit = define('limit', { target: 'map', limit: 'count', priority_keys: 'words' }, 'nil', (args) => {
  const most = args.count('limit') ?? 0;
  const first = new Set(args.words('priority_keys'));
  if (most < 0) throw new Error('the limit is not negative');
  if (first.size > most) throw new Error(`there are ${first.size} priority_keys, more than the limit of ${most}`);
  return args.editMap('target', (entries) => {
    if (entries.length <= most) return entries;
    let others = most - entries.filter(({ key }) => first.has(key)).length;
    return entries.filter(({ key }) => first.has(key) || others-- > 0);
  });
});

const truncate_all = define('truncate_all', { target: 'map', limit: 'count' }, 'nil', (args) => {
  const most = args.count('limit') ?? 0;
  if (most < 0) throw new Error('the limit is not negative');
  return args.editMap('target', (entries) => mapValues(entries, (value) => (typeof value === 'string' && value.length * 3 > most ? truncate(value, most) : value)));
});

/** Numbers and booleans as JSON writes them, lists and maps as JSON, bytes in base64, nothing as "". */
const stringify_all = define('stringify_all', { target: 'map' }, 'nil', (args) => args.editMap('target', (entries) => mapValues(entries, attributeText)));

/** At most so many bytes of UTF-8, cut between characters. */
function truncate(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && (encoded[end] & 0xc0) === 0x80) end--;
  return encoded.toString('utf8', 0, end);
}

const merge_maps = define('merge_maps', { target: 'map', source: 'value', 'strategy?': 'word' }, 'nil', (args) => {
  const source = args.value('source');
  const strategy = args.word('strategy', 'upsert');
  if (!['insert', 'update', 'upsert'].includes(strategy)) throw new Error(`the strategy is one of insert, update, upsert, not '${strategy}'`);
  return args.editMap('target', (entries, context) => {
    const from = source(context);
    if (!(from instanceof KeyValueList)) throw new OttlFailure(`source: expected map, found ${typeOf(from)}`);
    return from.entries.reduce((merged, { key, value }) => {
      const there = merged.some((entry) => entry.key === key);
      return (strategy === 'insert' && there) || (strategy === 'update' && !there) ? merged : withEntry(merged, key, value);
    }, entries);
  });
});

/** Values within values get names of their own: `{"a": {"b": 1}}` becomes `{"a.b": 1}`, lists by index. */
const flatten = define('flatten', { target: 'map', 'prefix?': 'word', 'depth?': 'count', 'resolveConflicts?': 'flag' }, 'nil', (args) => {
  const prefix = args.word('prefix', '');
  const depth = args.count('depth') ?? Number.MAX_SAFE_INTEGER;
  const resolve = args.flag('resolveConflicts', false);
  if (depth < 0) throw new Error('the depth is not negative');
  return args.editMap('target', (entries) => {
    if (prefix === '' && !entries.some(({ value }) => value instanceof KeyValueList || isList(value))) return entries;
    const flat = new Map<string, AnyValue>();
    flattenInto(flat, prefix === '' ? '' : `${prefix}.`, entries, depth, resolve);
    return [...flat].map(([key, value]) => ({ key, value }));
  });
});

function flattenInto(flat: Map<string, AnyValue>, prefix: string, entries: Attributes, depth: number, resolve: boolean): void {
  for (const { key, value } of entries) {
    const name = prefix + key;
    const inner: Attributes | null = value instanceof KeyValueList ? value.entries : isList(value) ? value.map((item, i): KeyValue => ({ key: String(i), value: item })) : null;
    if (inner && depth > 0) {
      flattenInto(flat, `${name}.`, inner, depth - 1, resolve);
      continue;
    }
    let free = name;
    for (let i = 0; resolve && flat.has(free); i++) free = `${name}.${i}`;
    flat.set(free, value);
  }
}

/** The same list where no value changes. */
export function mapValues(entries: Attributes, change: (value: AnyValue) => AnyValue): Attributes {
  let changed: KeyValue[] | null = null;
  for (let i = 0; i < entries.length; i++) {
    const value = change(entries[i].value);
    if (value !== entries[i].value) (changed ??= entries.slice())[i] = { key: entries[i].key, value };
  }
  return changed ?? entries;
}

export const mapEditors: readonly FunctionDefinition[] = [delete_key, delete_matching_keys, keep_keys, keep_matching_keys, limit, truncate_all, stringify_all, merge_maps, flatten];
