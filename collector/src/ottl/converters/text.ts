import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { compilePattern } from '../pattern.js';
import { isList, typeOf } from '../values.js';
import { formatText } from './format-text.js';
import { textOf } from './types.js';

function ofText(name: string, change: (text: string) => string): FunctionDefinition {
  return define(name, { target: 'string' }, 'string', (args) => {
    const target = args.string('target');
    return (context) => change(target(context));
  });
}

/** Words of `someHTTPName`, `some_name`, `some-name`, `some name`. */
function words(text: string): readonly string[] {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2').split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
}

const snake = (text: string): string => words(text).map((word) => word.toLowerCase()).join('_');
const camel = (text: string): string => words(text).map((word) => word[0].toUpperCase() + word.slice(1).toLowerCase()).join('');

const CASES: Readonly<Record<string, (text: string) => string>> = { lower: (text) => text.toLowerCase(), upper: (text) => text.toUpperCase(), snake, camel };

const ConvertCase = define('ConvertCase', { target: 'string', toCase: 'word' }, 'string', (args) => {
  const target = args.string('target');
  const name = args.word('toCase', '');
  if (!Object.hasOwn(CASES, name)) throw new Error(`the case is one of ${Object.keys(CASES).join(', ')}, not '${name}'`);
  const change = CASES[name];
  return (context) => change(target(context));
});

/** nil in the list becomes `<nil>`; everything else as String makes it. */
const Concat = define('Concat', { values: 'list', delimiter: 'string' }, 'string', (args) => {
  const values = args.list('values');
  const delimiter = args.string('delimiter');
  return (context) => values(context).map((value) => textOf(value) ?? '<nil>').join(delimiter(context));
});

const Split = define('Split', { target: 'string', delimiter: 'string' }, 'list', (args) => {
  const target = args.string('target');
  const delimiter = args.string('delimiter');
  return (context) => target(context).split(delimiter(context));
});

/** Counts UTF-16 units, with `utf8` code points. */
const Substring = define('Substring', { target: 'string', start: 'int', length: 'int', 'utf8?': 'flag' }, 'string', (args) => {
  const target = args.string('target');
  const start = args.int('start');
  const length = args.int('length');
  const byCodePoint = args.flag('utf8', false);
  return (context) => {
    const text = target(context);
    const points = byCodePoint ? [...text] : null;
    const size = (points ?? text).length;
    const from = Number(start(context));
    const to = from + Number(length(context));
    if (from < 0 || to <= from || to > size) throw new OttlFailure(`Substring: the text has ${size} characters, there are none from ${from} to ${to}`);
    return points ? points.slice(from, to).join('') : text.slice(from, to);
  };
});

const Trim = define('Trim', { target: 'string', 'replacement?': 'string' }, 'string', (args) => {
  const target = args.string('target');
  const cut = args.has('replacement') ? args.string('replacement') : (): string => ' ';
  return (context) => {
    const text = target(context);
    const set = cut(context);
    let from = 0;
    let to = text.length;
    while (from < to && set.includes(text[from])) from++;
    while (to > from && set.includes(text[to - 1])) to--;
    return text.slice(from, to);
  };
});

const TrimPrefix = define('TrimPrefix', { target: 'string', prefix: 'string' }, 'string', (args) => {
  const target = args.string('target');
  const prefix = args.string('prefix');
  return (context) => {
    const text = target(context);
    const start = prefix(context);
    return text.startsWith(start) ? text.slice(start.length) : text;
  };
});

const TrimSuffix = define('TrimSuffix', { target: 'string', suffix: 'string' }, 'string', (args) => {
  const target = args.string('target');
  const suffix = args.string('suffix');
  return (context) => {
    const text = target(context);
    const end = suffix(context);
    return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
  };
});

const HasPrefix = define('HasPrefix', { value: 'string', prefix: 'string' }, 'bool', (args) => {
  const value = args.string('value');
  const prefix = args.string('prefix');
  return (context) => value(context).startsWith(prefix(context));
});

const HasSuffix = define('HasSuffix', { value: 'string', suffix: 'string' }, 'bool', (args) => {
  const value = args.string('value');
  const suffix = args.string('suffix');
  return (context) => value(context).endsWith(suffix(context));
});

/** False for nil; values that are no strings are matched as String makes them. */
const IsMatch = define('IsMatch', { target: 'value', pattern: 'pattern' }, 'bool', (args) => {
  const target = args.value('target');
  const literal = args.literal('pattern');
  if (typeof literal === 'string') {
    const { test } = compilePattern(literal);
    return (context) => {
      const value = target(context);
      if (typeof value === 'string') return test(value);
      const text = textOf(value);
      return text !== null && test(text);
    };
  }
  const pattern = args.pattern('pattern');
  return (context) => {
    const text = textOf(target(context));
    return text !== null && pattern(context).test(text);
  };
});

const Format = define('Format', { format: 'word', arguments: 'list' }, 'string', (args) => {
  const format = formatText(args.word('format', ''));
  const values = args.list('arguments');
  return (context) => format(values(context));
});

/** Bytes of a string; entries of a map; values of a list. */
const Len = define('Len', { target: 'value' }, 'int', (args) => {
  const target = args.value('target');
  return (context) => {
    const value = target(context);
    if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
    if (value instanceof KeyValueList) return BigInt(value.entries.length);
    if (value instanceof Uint8Array || isList(value)) return BigInt(value.length);
    throw new OttlFailure(`Len: expected string, map or list, found ${typeOf(value)}`);
  };
});

const Index = define('Index', { target: 'value', value: 'value' }, 'int', (args) => {
  const target = args.value('target');
  const sought = args.value('value');
  return (context) => {
    const held = target(context);
    const value = sought(context);
    if (typeof held === 'string' && typeof value === 'string') return BigInt(held.indexOf(value));
    if (isList(held)) return BigInt(held.indexOf(value as AnyValue));
    throw new OttlFailure(`Index: expected string or list, found ${typeOf(held)}`);
  };
});

export const textConverters: readonly FunctionDefinition[] = [
  ConvertCase, ofText('ToLowerCase', (text) => text.toLowerCase()), ofText('ToUpperCase', (text) => text.toUpperCase()), ofText('ToSnakeCase', snake), ofText('ToCamelCase', camel),
  Concat, Split, Substring, Trim, TrimPrefix, TrimSuffix, HasPrefix, HasSuffix, IsMatch, Format, Len, Index,
];
