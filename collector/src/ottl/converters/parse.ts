import { KeyValueList, type AnyValue, type KeyValue } from '@signalbox/signals/model/attributes';
import { attributeText } from '@signalbox/signals/model/attribute-text';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { toMap } from '../paths/field.js';

const MAX_DEPTH = 64;

/** Objects become maps, numbers become floats, as the OpenTelemetry Collector has it. @throws OttlFailure */
function fromJson(value: unknown, depth = 0): AnyValue {
  if (depth > MAX_DEPTH) throw new OttlFailure(`ParseJSON: nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return value.map((item) => fromJson(item, depth + 1));
  if (typeof value === 'object' && value !== null) return new KeyValueList(Object.entries(value).map(([key, item]) => ({ key, value: fromJson(item, depth + 1) })));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

const ParseJSON = define('ParseJSON', { target: 'string' }, 'any', (args) => {
  const target = args.string('target');
  return (context) => {
    const text = target(context);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new OttlFailure(`ParseJSON: not JSON: ${JSON.stringify(text.slice(0, 80))}`);
    }
    if (typeof parsed !== 'object' || parsed === null) throw new OttlFailure('ParseJSON: expected an object or a list');
    return fromJson(parsed);
  };
});

/** Pieces between delimiters that do not stand in quotes. */
function splitQuoted(text: string, delimiter: string): readonly string[] {
  const pieces: string[] = [];
  let quote = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (text.startsWith(delimiter, i)) {
      pieces.push(text.slice(from, i));
      i += delimiter.length - 1;
      from = i + 1;
    }
  }
  if (quote !== '') throw new OttlFailure(`ParseKeyValue: a quote ${quote} is not closed`);
  pieces.push(text.slice(from));
  return pieces;
}

const unquoted = (text: string): string => (/^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text);

const ParseKeyValue = define('ParseKeyValue', { target: 'string', 'delimiter?': 'word', 'pair_delimiter?': 'word' }, 'map', (args) => {
  const target = args.string('target');
  const delimiter = args.word('delimiter', '=');
  const pairDelimiter = args.word('pair_delimiter', ' ');
  if (delimiter === '' || pairDelimiter === '') throw new Error('a delimiter is empty');
  if (delimiter === pairDelimiter) throw new Error('the two delimiters are the same');
  return (context) => {
    const text = target(context);
    if (text === '') throw new OttlFailure('ParseKeyValue: the text is empty');
    const entries = new Map<string, string>();
    for (const pair of splitQuoted(text, pairDelimiter)) {
      const trimmed = pair.trim();
      if (trimmed === '') continue;
      const at = trimmed.indexOf(delimiter);
      if (at < 0) throw new OttlFailure(`ParseKeyValue: there is no '${delimiter}' in '${trimmed.slice(0, 80)}'`);
      entries.set(unquoted(trimmed.slice(0, at).trim()), unquoted(trimmed.slice(at + delimiter.length).trim()));
    }
    return new KeyValueList([...entries].map(([key, value]): KeyValue => ({ key, value })));
  };
});

const ToKeyValueString = define('ToKeyValueString', { target: 'value', 'delimiter?': 'word', 'pair_delimiter?': 'word', 'sort_output?': 'flag' }, 'string', (args) => {
  const target = args.value('target');
  const delimiter = args.word('delimiter', '=');
  const pairDelimiter = args.word('pair_delimiter', ' ');
  const sorted = args.flag('sort_output', false);
  if (delimiter === pairDelimiter) throw new Error('the two delimiters are the same');
  const quoted = (text: string): string => (text.includes(delimiter) || text.includes(pairDelimiter) || text.includes('"') || text === '' ? JSON.stringify(text) : text);
  return (context) => {
    const entries = toMap(target(context)).entries.slice();
    if (sorted) entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return entries.map(({ key, value }) => `${quoted(key)}${delimiter}${quoted(attributeText(value))}`).join(pairDelimiter);
  };
});

/** The named groups of the first match; an empty map where nothing matches. */
const ExtractPatterns = define('ExtractPatterns', { target: 'string', pattern: 'pattern' }, 'map', (args) => {
  const target = args.string('target');
  const pattern = args.pattern('pattern');
  if (typeof args.literal('pattern') === 'string' && !/\(\?P?<[A-Za-z_]/.test(String(args.literal('pattern')))) throw new Error('the pattern has no named group, such as (?P<name>…)');
  return (context) => {
    const groups = pattern(context).named(target(context));
    return new KeyValueList([...(groups ?? [])].map(([key, value]): KeyValue => ({ key, value })));
  };
});

const ParseCSV = define('ParseCSV', { target: 'string', header: 'string', 'delimiter?': 'word', 'headerDelimiter?': 'word', 'mode?': 'word' }, 'map', (args) => {
  const target = args.string('target');
  const header = args.string('header');
  const delimiter = args.word('delimiter', ',');
  const headerDelimiter = args.word('headerDelimiter', delimiter);
  const mode = args.word('mode', 'strict');
  if (delimiter.length !== 1 || headerDelimiter.length !== 1) throw new Error('a delimiter is one character');
  if (!['strict', 'lazyQuotes', 'ignoreQuotes'].includes(mode)) throw new Error(`the mode is one of strict, lazyQuotes, ignoreQuotes, not '${mode}'`);
  return (context) => {
    const names = header(context).split(headerDelimiter);
    const values = mode === 'ignoreQuotes' ? target(context).split(delimiter) : csvFields(target(context), delimiter);
    if (names.length !== values.length) throw new OttlFailure(`ParseCSV: the header has ${names.length} fields, the text ${values.length}`);
    return new KeyValueList(names.map((key, i) => ({ key, value: values[i] })));
  };
});

function csvFields(text: string, delimiter: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new OttlFailure('ParseCSV: a quote is not closed');
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') field += text[++at];
        else break;
      }
      at++;
    }
    const end = text.indexOf(delimiter, at);
    field += text.slice(at, end < 0 ? text.length : end);
    fields.push(field);
    if (end < 0) return fields;
    at = end + 1;
  }
}

/** The parts of a URL under the names of the semantic conventions. */
const URL_ = define('URL', { url: 'string' }, 'map', (args) => {
  const source = args.string('url');
  return (context) => {
    const text = source(context);
    if (!URL.canParse(text)) throw new OttlFailure(`URL: '${text.slice(0, 80)}' is no URL`);
    const url = new URL(text);
    const last = url.pathname.split('/').at(-1) ?? '';
    const port = url.port !== '' ? url.port : { 'http:': '80', 'https:': '443' }[url.protocol];
    const entries: (readonly [string, AnyValue | undefined])[] = [
      ['url.original', text], ['url.domain', url.hostname], ['url.scheme', url.protocol.slice(0, -1)], ['url.path', url.pathname], ['url.query', url.search.slice(1)], ['url.fragment', url.hash.slice(1)],
      ['url.extension', last.includes('.') ? last.slice(last.lastIndexOf('.') + 1) : ''], ['url.port', port === undefined ? undefined : BigInt(port)], ['url.username', url.username],
    ];
    return new KeyValueList(entries.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [{ key, value }])));
  };
});

export const parseConverters: readonly FunctionDefinition[] = [ParseJSON, ParseKeyValue, ToKeyValueString, ExtractPatterns, ParseCSV, URL_];
