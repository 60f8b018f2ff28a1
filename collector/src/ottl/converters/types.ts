import { attributeText } from '@signalbox/signals/model/attribute-text';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { OttlFailure } from '../error.js';
import { DurationValue, isList, TimeValue, typeOf, type OttlValue, type ValueType } from '../values.js';
import { formatGoDuration } from './duration-text.js';
import { formatRfc3339 } from './time-format.js';

/** The first value of a list that is not nil; what stands behind it is not looked at. */
const Coalesce = define('Coalesce', { values: 'list' }, 'any', (args) => {
  const { items } = args.expression('values');
  if (items?.length === 0) throw new Error('the list has no values');
  if (items) {
    return (context) => {
      for (const { get } of items) {
        const value = get(context);
        if (value !== null) return value;
      }
      return null;
    };
  }
  const values = args.list('values');
  return (context) => values(context).find((value) => value !== null) ?? null;
});

/** Nothing, and what has nothing in it: "", 0, false, lists, maps and bytes without any, and ids that are not set, which are bytes of zeros. */
const IsEmpty = define('IsEmpty', { target: 'value' }, 'bool', (args) => {
  const target = args.value('target');
  return (context) => isEmpty(target(context));
});

function isEmpty(value: OttlValue): boolean {
  if (value instanceof KeyValueList) return value.entries.length === 0;
  if (value instanceof DurationValue) return value.ns === 0n;
  if (isList(value)) return value.length === 0;
  if (value instanceof Uint8Array) return value.length === 0 || ((value.length === 8 || value.length === 16) && value.every((byte) => byte === 0));
  return value === null || value === '' || value === 0 || value === 0n || value === false;
}

function typeTest(name: string, type: ValueType): FunctionDefinition {
  return define(name, { value: 'value' }, 'bool', (args) => {
    const value = args.value('value');
    return (context) => typeOf(value(context)) === type;
  });
}

/** Any value as text: strings as they are, maps and lists as JSON; nil stays nil. */
export function textOf(value: OttlValue): string | null {
  if (value === null) return null;
  if (value instanceof TimeValue) return formatRfc3339(value.ns);
  if (value instanceof DurationValue) return formatGoDuration(value.ns);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return attributeText(value);
}

const String_ = define('String', { value: 'value' }, 'string', (args) => {
  const value = args.value('value');
  return (context) => textOf(value(context));
});

const MAX_INT = 9_223_372_036_854_775_807n;

/** Floats lose their fraction; texts that are no number, and what is out of 64 bits, become nil. */
function toInt(value: OttlValue): OttlValue {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof DurationValue || value instanceof TimeValue) return value.ns;
  if (typeof value === 'number') return Number.isFinite(value) ? bounded(BigInt(Math.trunc(value))) : null;
  return typeof value === 'string' && /^[-+]?\d{1,20}$/.test(value) ? bounded(BigInt(value.replace('+', ''))) : null;
}

function bounded(value: bigint): bigint | null {
  return value <= MAX_INT && value >= -MAX_INT - 1n ? value : null;
}

function toDouble(value: OttlValue): OttlValue {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return null;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value) ? Number(value) : null;
}

const Int = define('Int', { value: 'value' }, 'any', (args) => {
  const value = args.value('value');
  return (context) => toInt(value(context));
});

const Double = define('Double', { value: 'value' }, 'any', (args) => {
  const value = args.value('value');
  return (context) => toDouble(value(context));
});

const Bool = define('Bool', { value: 'value' }, 'any', (args) => {
  const value = args.value('value');
  return (context) => {
    const given = value(context);
    if (typeof given === 'boolean' || given === null) return given;
    if (typeof given === 'bigint' || typeof given === 'number') return Number(given) !== 0;
    if (typeof given === 'string' && /^(?:1|t|T|true|TRUE|True)$/.test(given)) return true;
    if (typeof given === 'string' && /^(?:0|f|F|false|FALSE|False)$/.test(given)) return false;
    throw new OttlFailure(`Bool: neither true nor false: a ${typeOf(given)}`);
  };
});

const ParseInt = define('ParseInt', { target: 'string', base: 'int' }, 'int', (args) => {
  const target = args.string('target');
  const base = args.int('base');
  return (context) => {
    const radix = Number(base(context));
    const text = target(context).toLowerCase();
    if (radix < 2 || radix > 36) throw new OttlFailure(`ParseInt: the base is from 2 to 36, not ${radix}`);
    const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, radix);
    const match = /^([-+]?)([0-9a-z]{1,64})$/.exec(text);
    if (!match || [...match[2]].some((digit) => !digits.includes(digit))) throw new OttlFailure(`ParseInt: '${text.slice(0, 80)}' is no number of base ${radix}`);
    const value = [...match[2]].reduce((sum, digit) => sum * BigInt(radix) + BigInt(digits.indexOf(digit)), 0n);
    return bounded(match[1] === '-' ? -value : value) ?? fail('ParseInt: the number does not fit into 64 bits');
  };
});

function fail(message: string): never {
  throw new OttlFailure(message);
}

export const typeConverters: readonly FunctionDefinition[] = [
  typeTest('IsString', 'string'), typeTest('IsInt', 'int'), typeTest('IsDouble', 'float'), typeTest('IsBool', 'bool'), typeTest('IsMap', 'map'), typeTest('IsList', 'list'),
  IsEmpty, String_, Int, Double, Bool, ParseInt, Coalesce,
];
