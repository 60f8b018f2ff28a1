import { createHash } from 'node:crypto';
import { attributeText } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import { z } from 'zod';
import { entryValue, withEntry, withoutEntry } from '../../ottl/paths/nested.js';
import { compilePattern, type Pattern } from '../../ottl/pattern.js';

const ACTIONS = ['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert'] as const;

const action = z
  .strictObject({
    key: z.string().default('').describe('The attribute. `delete` and `hash` can do with a `pattern` instead.'),
    action: z.enum(ACTIONS).describe('`insert` where it is not there, `update` where it is, `upsert` in either case, `delete`, `hash` (SHA-256, hexadecimal), `extract` by the named groups of `pattern`, `convert` to `converted_type`.'),
    value: z.unknown().optional().describe('The value to set.'),
    from_attribute: z.string().default('').describe('The attribute whose value is set, instead of `value`.'),
    pattern: z.string().default('').describe('Of `extract`: an expression with named groups, which become attributes. Of `delete` and `hash`: the keys.'),
    converted_type: z.enum(['', 'int', 'double', 'string']).default('').describe('Of `convert`: int, double or string.'),
  })
  .superRefine((given, context) => {
    const fail = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message, input: '' });
    const byPattern = given.action === 'delete' || given.action === 'hash';
    if (given.key === '' && !(byPattern && given.pattern !== '')) fail('key', `'${given.action}' needs a key${byPattern ? ' or a pattern' : ''}`);
    const sources = Number(given.value !== undefined && given.value !== null) + Number(given.from_attribute !== '');
    if (['insert', 'update', 'upsert'].includes(given.action)) {
      if (sources !== 1) fail('value', `'${given.action}' needs a value or from_attribute, one of the two`);
    } else if (sources > 0) fail('value', `'${given.action}' takes no value`);
    if (given.action === 'convert' && given.converted_type === '') fail('converted_type', "'convert' needs one of int, double, string");
    if (given.action !== 'convert' && given.converted_type !== '') fail('converted_type', `'${given.action}' takes no converted_type`);
    if (given.action === 'extract' && given.pattern === '') fail('pattern', "'extract' needs a pattern with named groups, such as ^(?P<scheme>[a-z]+)://");
    if (given.pattern === '') return;
    if (!byPattern && given.action !== 'extract') return fail('pattern', `'${given.action}' takes no pattern`);
    try {
      const { groupNames } = compilePattern(given.pattern);
      if (given.action === 'extract' && groupNames.length === 0) fail('pattern', 'the pattern has no named group, such as (?P<name>…)');
    } catch (error) {
      fail('pattern', error instanceof Error ? error.message : String(error));
    }
  });

export const actionsSchema = z.array(action).min(1, 'give one action at least').describe('What is done, in order.');
export type Actions = z.output<typeof actionsSchema>;

/** Answers the same list where nothing changes. */
export type AttributesEdit = (attributes: Attributes) => Attributes;

export function compileActions(actions: Actions): AttributesEdit {
  const edits = actions.map(compileAction);
  return (attributes) => {
    let left = attributes;
    for (let i = 0; i < edits.length; i++) left = edits[i](left);
    return left;
  };
}

function compileAction({ key, action: name, value, from_attribute: from, pattern: source, converted_type: type }: Actions[number]): AttributesEdit {
  const pattern = source === '' ? null : compilePattern(source);
  const literal = value === undefined ? null : toValue(value);
  const valueFor = from === '' ? (): AnyValue => literal : (attributes: Attributes): AnyValue => entryValue(attributes, from);
  switch (name) {
    case 'insert':
      return (attributes) => (has(attributes, key) ? attributes : setTo(attributes, key, valueFor(attributes)));
    case 'update':
      return (attributes) => (has(attributes, key) ? setTo(attributes, key, valueFor(attributes)) : attributes);
    case 'upsert':
      return (attributes) => setTo(attributes, key, valueFor(attributes));
    case 'delete':
      return (attributes) => without(key === '' ? attributes : withoutEntry(attributes, key), pattern);
    case 'hash':
      return (attributes) => attributes.reduce((left, entry) => (entry.key === key || pattern?.test(entry.key) ? withEntry(left, entry.key, hashed(entry.value)) : left), attributes);
    case 'extract':
      return (attributes) => {
        const text = entryValue(attributes, key);
        const groups = typeof text === 'string' ? pattern?.named(text) : null;
        return groups ? [...groups].reduce((left, [group, found]) => withEntry(left, group, found), attributes) : attributes;
      };
    case 'convert':
      return (attributes) => {
        const held = entryValue(attributes, key);
        if (held === null) return attributes;
        const converted = convert(held, type);
        return converted === null ? attributes : withEntry(attributes, key, converted);
      };
  }
}

function has(attributes: Attributes, key: string): boolean {
  for (let i = 0; i < attributes.length; i++) if (attributes[i].key === key) return true;
  return false;
}

function setTo(attributes: Attributes, key: string, value: AnyValue): Attributes {
  return value === null ? attributes : withEntry(attributes, key, value);
}

function without(attributes: Attributes, pattern: Pattern | null): Attributes {
  return pattern && attributes.some(({ key }) => pattern.test(key)) ? attributes.filter(({ key }) => !pattern.test(key)) : attributes;
}

/** What YAML holds: whole numbers as ints, others as doubles. */
export function toValue(value: unknown): AnyValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value === 'object' && value !== null) return new KeyValueList(Object.entries(value).map(([key, item]) => ({ key, value: toValue(item) })));
  return null;
}

/** SHA-256 in hexadecimal of a string's bytes, of an int's or double's eight (little endian), of a boolean's one; empty strings stay. */
function hashed(value: AnyValue): AnyValue {
  let bytes: Uint8Array;
  if (typeof value === 'boolean') bytes = Uint8Array.of(Number(value));
  else if (typeof value === 'bigint') {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    bytes = buffer;
  } else if (typeof value === 'number') {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleLE(value);
    bytes = buffer;
  } else bytes = value instanceof Uint8Array ? value : Buffer.from(attributeText(value));
  return bytes.length === 0 ? '' : createHash('sha256').update(bytes).digest('hex');
}

/** null where the value cannot be converted: it stays then. */
function convert(value: AnyValue, type: Actions[number]['converted_type']): AnyValue {
  if (type === 'string') return attributeText(value);
  const number = typeof value === 'string' ? (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value) ? Number(value) : NaN) : typeof value === 'boolean' ? Number(value) : typeof value === 'bigint' || typeof value === 'number' ? Number(value) : NaN;
  if (type === 'double') return Number.isNaN(number) ? null : number;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^[-+]?\d{1,18}$/.test(value)) return BigInt(value.replace('+', ''));
  return Number.isFinite(number) && typeof value !== 'string' ? BigInt(Math.trunc(number)) : null;
}
