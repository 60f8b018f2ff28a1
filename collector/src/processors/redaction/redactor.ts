import { createHash } from 'node:crypto';
import { attributeText } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue, type Attributes, type KeyValue } from '@signalbox/signals/model/attributes';
import { mapList } from '../../ottl/walk/list.js';
import { compilePattern, type Pattern } from '../../ottl/pattern.js';
import type { RedactionConfig } from './config.js';
import { namedPatterns, ownPattern, type ValuePattern } from './patterns.js';

const MASK = '****';
const SUMMARY = 'redaction.';

/** Takes out and masks attributes and texts. The same list, the same value where nothing has to go. */
export class Redactor {
  readonly #config: RedactionConfig;
  readonly #allowed: ReadonlySet<string>;
  readonly #ignored: ReadonlySet<string>;
  readonly #blockedKeys: readonly Pattern[];
  readonly #blocked: readonly ValuePattern[];
  readonly #allowedValues: readonly Pattern[];

  constructor(config: RedactionConfig) {
    this.#config = config;
    this.#allowed = new Set(config.allowed_keys);
    this.#ignored = new Set(config.ignored_keys);
    this.#blockedKeys = config.blocked_key_patterns.map(compilePattern);
    this.#blocked = [...config.blocked_values.map(ownPattern), ...config.patterns.flatMap(namedPatterns)];
    this.#allowedValues = config.allowed_values.map(compilePattern);
  }

  readonly attributes = (attributes: Attributes): Attributes => {
    const redacted: string[] = [];
    const masked: string[] = [];
    let ignored = 0;
    const left = mapList(attributes, (entry): KeyValue | null => {
      const { key, value } = entry;
      if (key.startsWith(SUMMARY)) return entry;
      if (this.#ignored.has(key)) {
        ignored++;
        return entry;
      }
      if (!this.#config.allow_all_keys && !this.#allowed.has(key)) {
        redacted.push(key);
        return null;
      }
      const made = this.#keyBlocked(key) && !this.#valueAllowed(value) ? this.#mask(attributeText(value)) : this.value(value);
      if (made === value) return entry;
      masked.push(key);
      return { key, value: made };
    });
    const { summary } = this.#config;
    return summary === 'silent' || redacted.length + masked.length === 0 ? left : [...left, ...summaryOf(summary, redacted, masked, ignored)];
  };

  /** Any value: texts, and what lists and maps hold. Names within maps are held against the blocked ones. */
  readonly value = (value: AnyValue): AnyValue => {
    if (typeof value === 'string') return this.#text(value);
    if (value instanceof KeyValueList) {
      const entries = mapList(value.entries, (entry) => {
        if (this.#ignored.has(entry.key)) return entry;
        const made = this.#keyBlocked(entry.key) && !this.#valueAllowed(entry.value) ? this.#mask(attributeText(entry.value)) : this.value(entry.value);
        return made === entry.value ? entry : { key: entry.key, value: made };
      });
      return entries === value.entries ? value : new KeyValueList(entries);
    }
    if (value === null || value instanceof Uint8Array) return value;
    if (typeof value === 'object') {
      // No null comes out of a value that is not null, so nothing is lost of the list.
      const changed = value.map(this.value);
      return changed.every((item, i) => item === value[i]) ? value : changed;
    }
    if (!this.#config.redact_all_types) return value;
    const text = attributeText(value);
    const redacted = this.#text(text);
    return redacted === text ? value : redacted;
  };

  #keyBlocked(key: string): boolean {
    return this.#blockedKeys.some(({ test }) => test(key));
  }

  #valueAllowed(value: AnyValue): boolean {
    if (this.#allowedValues.length === 0) return false;
    const text = attributeText(value);
    return this.#allowedValues.some(({ test }) => test(text));
  }

  #text(text: string): string {
    let left = text;
    let asked = false;
    for (const { pattern, maybe, confirm } of this.#blocked) {
      if (!maybe(left) || !pattern.test(left)) continue;
      if (!asked && this.#valueAllowed(text)) return text;
      asked = true;
      left = pattern.replace(left, (match) => (confirm(match) ? this.#mask(match) : match));
    }
    return left;
  }

  #mask(text: string): string {
    const { hash_function: name } = this.#config;
    return name === '' ? MASK : createHash(name === 'sha3' ? 'sha3-256' : name).update(text).digest('hex');
  }
}

function summaryOf(summary: 'debug' | 'info', redacted: readonly string[], masked: readonly string[], ignored: number): Attributes {
  const entries: KeyValue[] = [];
  for (const [name, keys] of [['redacted', redacted], ['masked', masked]] as const) {
    if (keys.length === 0) continue;
    if (summary === 'debug') entries.push({ key: `${SUMMARY}${name}.keys`, value: [...keys].sort().join(',') });
    entries.push({ key: `${SUMMARY}${name}.count`, value: BigInt(keys.length) });
  }
  if (ignored > 0) entries.push({ key: `${SUMMARY}ignored.count`, value: BigInt(ignored) });
  return entries;
}
