import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { nearestName } from '../../config/nearest.js';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { compilePattern } from '../pattern.js';
import { GROK_PATTERNS } from './grok-patterns.js';

interface Field {
  readonly name: string;
  readonly convert: ((text: string) => AnyValue) | null;
}

/** What a text has of the fields; where it has one more than once, the last. Empty where nothing matches. */
type Grok = (text: string) => ReadonlyMap<string, AnyValue>;

const INT = (text: string): AnyValue => (/^[-+]?\d{1,18}$/.test(text) ? BigInt(text.replace('+', '')) : null);
const FLOAT = (text: string): AnyValue => (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : null);
const BOOL = (text: string): AnyValue => (/^(?:1|t|true)$/i.test(text) ? true : /^(?:0|f|false)$/i.test(text) ? false : null);
const TYPES: Readonly<Record<string, Field['convert']>> = { string: null, int: INT, long: INT, double: FLOAT, float: FLOAT, bool: BOOL, boolean: BOOL };

/** Of the pattern with its definitions, as for any regular expression. */
const MAX_LENGTH = 16_384;
/** Definitions in definitions in… */
const MAX_DEPTH = 20;
/** Patterns out of data that are kept compiled, for each place. */
const MAX_KEPT = 64;
/** An escaped character, a reference, or the beginning of a group with a name. */
const PARTS = /\\[\s\S]|%\{([^}]*)\}|\(\?P?<([^=!>][^>]*)>/g;

/**
 * A regular expression of RE2 in which `%{NAME}`, `%{NAME:field}` and `%{NAME:field:type}` stand for patterns by name. Groups get numbers
 * for names, so that fields may have any name, and stand more than once.
 * @throws Error that says what is wrong
 */
function compileGrok(source: string, definitions: ReadonlyMap<string, string>, namedOnly: boolean): Grok {
  const fields: Field[] = [];
  const group = (name: string, convert: Field['convert'] = null): string => `(?P<f${fields.push({ name, convert }) - 1}>`;
  let length = 0;
  const expand = (text: string, depth: number): string => {
    length += text.length;
    if (length > MAX_LENGTH) throw new Error(`with its definitions the pattern is longer than ${MAX_LENGTH} characters`);
    if (depth > MAX_DEPTH) throw new Error('the definitions lead in a circle, or are nested too deep');
    return text.replace(PARTS, (whole, reference: string | undefined, name: string | undefined) => {
      if (name !== undefined) return group(name);
      if (reference === undefined) return whole;
      const [pattern = '', field, type = 'string', ...more] = reference.split(':');
      if (more.length > 0 || field === '') throw new Error(`%{${reference}} is not of the form %{NAME:field:type}`);
      const definition = definitions.get(pattern) ?? GROK_PATTERNS.get(pattern);
      if (definition === undefined) throw new Error(`there is no pattern '${pattern}'${suggestion(pattern, definitions)}`);
      if (!Object.hasOwn(TYPES, type)) throw new Error(`the type in %{${reference}} is one of ${Object.keys(TYPES).join(', ')}`);
      const opening = field === undefined && namedOnly ? '(?:' : group(field ?? pattern, TYPES[type]);
      return `${opening}${expand(definition, depth + 1)})`;
    });
  };
  const pattern = compilePattern(expand(source, 0));
  if (namedOnly && fields.length === 0) throw new Error('the pattern has no field, such as %{WORD:name} or (?P<name>…)');
  return (text) => {
    const found = pattern.named(text);
    const values = new Map<string, AnyValue>();
    for (const [i, { name, convert }] of fields.entries()) {
      const part = found?.get(`f${i}`);
      if (part === undefined || part === '') continue;
      const value = convert === null ? part : convert(part);
      if (value === null) throw new OttlFailure(`ExtractGrokPatterns: '${part.slice(0, 80)}' is not of the type of ${name}`);
      values.set(name, value);
    }
    return values;
  };
}

function suggestion(name: string, definitions: ReadonlyMap<string, string>): string {
  const nearest = nearestName(name, [...definitions.keys(), ...GROK_PATTERNS.keys()]);
  return nearest === null ? '; give it as one of patternDefinitions' : `: did you mean ${nearest}?`;
}

const ExtractGrokPatterns = define('ExtractGrokPatterns', { target: 'string', pattern: 'string', 'namedCapturesOnly?': 'flag', 'patternDefinitions?': 'words' }, 'map', (args) => {
  const target = args.string('target');
  const pattern = args.string('pattern');
  const namedOnly = args.flag('namedCapturesOnly', false);
  const definitions = new Map(args.words('patternDefinitions').map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at <= 0 || text.slice(0, at).includes(':')) throw new Error(`a definition is written NAME=pattern, which '${text.slice(0, 40)}' is not`);
    return [text.slice(0, at), text.slice(at + 1)];
  }));
  const literal = args.literal('pattern');
  const known = typeof literal === 'string' ? compileGrok(literal, definitions, namedOnly) : null;
  const kept = new Map<string, Grok>();
  const compiled = (source: string): Grok => {
    let grok = kept.get(source);
    if (grok === undefined) {
      try {
        grok = compileGrok(source, definitions, namedOnly);
      } catch (error) {
        throw new OttlFailure(`ExtractGrokPatterns: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(source, grok);
    }
    return grok;
  };
  return (context) => new KeyValueList([...(known ?? compiled(pattern(context)))(target(context))].map(([key, value]) => ({ key, value })));
});

export const grokConverters: readonly FunctionDefinition[] = [ExtractGrokPatterns];
