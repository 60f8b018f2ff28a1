import { KeyValueList, type AnyValue, type Attributes, type KeyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { isList, typeOf, type OttlValue } from '../values.js';

/** What stands in one pair of brackets: a map's key or a list's index. */
export type Key = string | bigint;

/** The first entry of that key; null where there is none. */
export function entryValue(entries: Attributes, key: string): AnyValue {
  for (let i = 0; i < entries.length; i++) {
    if (entries[i].key === key) return entries[i].value;
  }
  return null;
}

/** The same list where the entry already has the value. */
export function withEntry(entries: Attributes, key: string, value: AnyValue): Attributes {
  for (let i = 0; i < entries.length; i++) {
    if (entries[i].key !== key) continue;
    if (entries[i].value === value) return entries;
    const changed = entries.slice();
    changed[i] = { key, value };
    return changed;
  }
  return [...entries, { key, value }];
}

/** The same list where it has no such key. */
export function withoutEntry(entries: Attributes, key: string): Attributes {
  for (let i = 0; i < entries.length; i++) {
    if (entries[i].key === key) return entries.filter((entry) => entry.key !== key);
  }
  return entries;
}

/** The same list where all stay. */
export function keepEntries(entries: Attributes, keep: (entry: KeyValue) => boolean): Attributes {
  for (let i = 0; i < entries.length; i++) {
    if (!keep(entries[i])) return entries.filter((entry, at) => at < i || (at > i && keep(entry)));
  }
  return entries;
}

/** Follows keys from the `from`th on. Nothing within nothing is nothing. @throws OttlFailure where a key does not fit its container */
export function nestedValue(value: OttlValue, keys: readonly Key[], from = 0): OttlValue {
  let current = value;
  for (let i = from; i < keys.length; i++) {
    const key = keys[i];
    if (current === null) return null;
    if (current instanceof KeyValueList) {
      if (typeof key !== 'string') throw new OttlFailure(`a map is indexed by a string, not by ${key}`);
      current = entryValue(current.entries, key);
    } else if (isList(current)) {
      if (typeof key !== 'bigint') throw new OttlFailure(`a list is indexed by an int, not by "${key}"`);
      if (key < 0n || key >= BigInt(current.length)) throw new OttlFailure(`the list has ${current.length} values, there is none at ${key}`);
      current = current[Number(key)];
    } else {
      throw new OttlFailure(`a value of type ${typeOf(current)} cannot be indexed`);
    }
  }
  return current;
}

/** A copy with the value at the end of the keys replaced; maps on the way that are not there are made. @throws OttlFailure */
export function withNested(container: AnyValue, keys: readonly Key[], value: AnyValue, from = 0): AnyValue {
  if (from === keys.length) return value;
  const key = keys[from];
  if (isList(container)) {
    if (typeof key !== 'bigint' || key < 0n || key >= BigInt(container.length)) throw new OttlFailure(`the list has ${container.length} values, there is none at ${key}`);
    const changed = container.slice();
    changed[Number(key)] = withNested(changed[Number(key)], keys, value, from + 1);
    return changed;
  }
  if (container !== null && !(container instanceof KeyValueList)) throw new OttlFailure(`a value of type ${typeOf(container)} cannot be indexed`);
  if (typeof key !== 'string') throw new OttlFailure(`a map is indexed by a string, not by ${key}`);
  const entries = container?.entries ?? [];
  return new KeyValueList(withEntry(entries, key, withNested(entryValue(entries, key), keys, value, from + 1)));
}
