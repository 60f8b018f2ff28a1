import { z } from 'zod';
import { ConfigError, mistakeAt, type ConfigMistake } from './error.js';
import { foreignSettings, isForeign } from './foreign.js';
import { deepFreeze } from './freeze.js';
import { nearestName } from './nearest.js';
import type { ConfigPlace } from './place.js';
import { keysAt, schemasAt, unwrap } from './schema-walk.js';

/** Values given another reading (see `reread`) can uncover others below them, a level at a time. */
const MAX_REREADS = 16;

/**
 * Reads one section with its schema: what every component's parseConfig does. Use `z.strictObject` for objects, so that unknown
 * keys are found. A key without a value (`grpc:`) means its defaults. Settings of other programs are refused, or told to `place.warn`
 * (config/foreign). The result is deeply frozen.
 * @throws ConfigError with every mistake, each with its place
 */
export function parseSection<S extends z.ZodType>(schema: S, raw: unknown, place: ConfigPlace): z.output<S> {
  let value: unknown = structuredClone(raw ?? {});
  let result = schema.safeParse(value, { reportInput: true });
  for (let i = 0; i < MAX_REREADS && !result.success; i++) {
    const [next, changed] = reread(schema, value, result.error.issues, place);
    if (!changed) break;
    value = next;
    result = schema.safeParse(value, { reportInput: true });
  }
  const foreign = foreignSettings(schema, raw, place);
  const errors = foreign.filter((setting) => setting.refused).map((setting) => mistakeAt(setting.place, 'SBX_CONFIG_UNSUPPORTED', setting.text, { atKey: true }));
  if (!result.success) throw new ConfigError([...errors, ...firstCauses(result.error.issues.flatMap((issue) => toMistakes(schema, issue, place)))]);
  if (errors.length > 0) throw new ConfigError(errors);
  for (const setting of foreign) setting.place.warn?.(setting.text);
  return deepFreeze(result.data);
}

/**
 * What the OpenTelemetry Collector does when a value has not the type it should: a null stands for the default, a scalar out of an
 * environment variable (`12345`) is taken as the text it was, `100_000` is a number (as in YAML 1.1), and text where a list of texts goes is split at its commas (not what has
 * brackets or quotes: its commas may mean something else).
 */
function reread(schema: z.ZodType, value: unknown, issues: readonly z.core.$ZodIssue[], place: ConfigPlace): [value: unknown, changed: boolean] {
  let changed = false;
  for (const issue of issues) {
    if (issue.path.length === 0) continue;
    const parent = issue.path.slice(0, -1).reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), value);
    const key = String(issue.path.at(-1));
    if (!isRecord(parent) || !(key in parent)) continue;
    if (parent[key] === null) {
      if (issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'record')) parent[key] = {};
      else delete parent[key];
      changed = true;
    } else if (issue.code === 'invalid_type' && issue.expected === 'string' && typeof parent[key] !== 'string') {
      const text = placeAt(place, issue.path).text?.();
      if (text === undefined) continue;
      parent[key] = text;
      changed = true;
    } else if (issue.code === 'invalid_type' && (issue.expected === 'number' || issue.expected === 'int') && typeof parent[key] === 'string' && /^[+-]?\d+(?:_\d+)+$/.test(parent[key])) {
      parent[key] = Number(parent[key].replaceAll('_', ''));
      changed = true;
    } else if (issue.code === 'invalid_type' && issue.expected === 'array' && typeof parent[key] === 'string' && !/[()[\]{}"']/.test(parent[key]) && isListOfTexts(schema, issue.path)) {
      parent[key] = parent[key] === '' ? [] : parent[key].split(',').map((item) => item.trim());
      changed = true;
    }
  }
  return [value, changed];
}

function isListOfTexts(schema: z.ZodType, path: readonly PropertyKey[]): boolean {
  return schemasAt(schema, path).some((found) => {
    const element = found instanceof z.ZodArray ? unwrap(found.element) : null;
    return element instanceof z.ZodString || element instanceof z.ZodEnum;
  });
}

/** Without what is missing since its key is misspelt. */
function firstCauses(mistakes: readonly ConfigMistake[]): readonly ConfigMistake[] {
  const meant = new Set(mistakes.flatMap(({ code, path, nearest }) => (code === 'SBX_CONFIG_UNKNOWN_KEY' && nearest !== null ? [path.replace(/[^.]*$/, nearest)] : [])));
  return mistakes.filter(({ code, path }) => code !== 'SBX_CONFIG_MISSING' || !meant.has(path));
}

function toMistakes(schema: z.ZodType, issue: z.core.$ZodIssue, place: ConfigPlace): readonly ConfigMistake[] {
  const at = placeAt(place, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => {
        const nearest = nearestName(key, known);
        const listed = nearest === null && known.length > 0 ? `; known here: ${keysAt(schema, issue.path, (setting) => !isForeign(setting)).join(', ')}` : '';
        return mistakeAt(at.child(key), 'SBX_CONFIG_UNKNOWN_KEY', `unknown key '${key}'${listed}.`, { nearest, atKey: true });
      });
    }
    case 'invalid_type':
      if (issue.input === undefined) return [mistakeAt(at, 'SBX_CONFIG_MISSING', `a value is needed here: ${wantedName(issue.expected)}.`)];
      return [mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `expected ${wantedName(issue.expected)}, found ${typeName(issue.input)}.`)];
    case 'invalid_value': {
      const values = issue.values.map(String);
      const nearest = typeof issue.input === 'string' ? nearestName(issue.input, values) : null;
      return [mistakeAt(at, issue.input === undefined ? 'SBX_CONFIG_MISSING' : 'SBX_CONFIG_BAD_VALUE', `one of: ${values.join(', ')}.`, { nearest })];
    }
    case 'invalid_union': {
      const [first] = issue.errors;
      const only = issue.errors.length === 1 && first ? first.flatMap((inner) => toMistakes(schema, { ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, place)) : [];
      return only.length > 0 ? only : [mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `${[...new Set(issue.errors.flat().map((inner) => inner.message))].join('; or: ')}.`)];
    }
    case 'too_big':
      return [mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', outOfRange(issue, 'at most', issue.maximum))];
    case 'too_small':
      return [mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', outOfRange(issue, 'at least', issue.minimum))];
    case 'custom':
      return [mistakeAt(at, issue.input === undefined ? 'SBX_CONFIG_MISSING' : 'SBX_CONFIG_BAD_VALUE', sentence(issue.message))];
    default:
      return [mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', sentence(issue.message))];
  }
}

/** A number's bound and what was found; where a setting has words of its own for it, those. */
function outOfRange(issue: { readonly origin: string; readonly message: string; readonly input?: unknown }, bound: string, limit: number | bigint): string {
  const isNumber = (issue.origin === 'number' || issue.origin === 'int') && typeof issue.input === 'number';
  return isNumber && /^Too (?:big|small):/.test(issue.message) ? `expected ${bound} ${limit}, found ${String(issue.input)}.` : sentence(issue.message);
}

function placeAt(place: ConfigPlace, path: readonly PropertyKey[]): ConfigPlace {
  return path.reduce<ConfigPlace>((at, key) => at.child(typeof key === 'number' ? key : String(key)), place);
}

const WANTED: Readonly<Record<string, string>> = { object: 'a map', record: 'a map', array: 'a list', string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false' };

function wantedName(expected: string): string {
  return WANTED[expected] ?? expected;
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'boolean' ? String(value) : wantedName(typeof value);
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
