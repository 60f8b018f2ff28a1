import type { Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import type { BoundArguments } from '../compiling/bound-arguments.js';
import { OttlFailure } from '../error.js';
import type { EvaluationContext } from '../evaluation-context.js';
import type { Evaluate } from '../compiling/expression.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { globTest } from '../glob.js';
import type { Pattern } from '../pattern.js';
import { mapValues } from './maps.js';

/** What stands in for a match: the replacement, through `function` and `replacementFormat` where they are given. */
function replacer(args: BoundArguments): (context: EvaluationContext, pattern: Pattern, text: string) => string {
  const replacement = args.string('replacement');
  const conversion = args.conversion('function');
  const format = args.word('replacementFormat', '%s');
  if (args.has('replacementFormat') && (format.match(/%s/g) ?? []).length !== 1) throw new Error("replacementFormat holds '%s' once");
  return (context, pattern, text) => {
    const template = replacement(context);
    if (!conversion) return pattern.replace(text, template);
    return pattern.replace(text, (_match, expand) => {
      const converted = conversion(context, expand(template));
      if (typeof converted !== 'string') throw new OttlFailure('function: expected one that answers a string');
      return format.replace('%s', () => converted);
    });
  };
}

const REPLACEMENT = { 'function?': 'function', 'replacementFormat?': 'word' } as const;

const replace_pattern = define('replace_pattern', { target: 'target', regex: 'pattern', replacement: 'string', ...REPLACEMENT }, 'nil', (args) => {
  const target = args.expression('target');
  const pattern = args.pattern('regex');
  const replace = replacer(args);
  return (context) => {
    const value = target.get(context);
    if (typeof value !== 'string') return null;
    const compiled = pattern(context);
    if (compiled.test(value)) target.set?.(context, replace(context, compiled, value));
    return null;
  };
});

const replace_all_patterns = define('replace_all_patterns', { target: 'map', mode: 'word', regex: 'pattern', replacement: 'string', ...REPLACEMENT }, 'nil', (args) => {
  const mode = args.word('mode', '');
  if (mode !== 'key' && mode !== 'value') throw new Error(`the mode is "key" or "value", not "${mode}"`);
  const pattern = args.pattern('regex');
  const replace = replacer(args);
  return args.editMap('target', (entries, context) => {
    const compiled = pattern(context);
    if (mode === 'value') return mapValues(entries, (value) => (typeof value === 'string' && compiled.test(value) ? replace(context, compiled, value) : value));
    return renameKeys(entries, (key) => (compiled.test(key) ? replace(context, compiled, key) : key));
  });
});

/** A key that is renamed to one that is there takes its place. */
function renameKeys(entries: Attributes, rename: (key: string) => string): Attributes {
  let changed = false;
  const renamed = new Map<string, KeyValue>();
  for (const entry of entries) {
    const key = rename(entry.key);
    changed ||= key !== entry.key;
    renamed.set(key, key === entry.key ? entry : { key, value: entry.value });
  }
  return changed ? [...renamed.values()] : entries;
}

const replace_match = define('replace_match', { target: 'target', pattern: 'word', replacement: 'string', ...REPLACEMENT }, 'nil', (args) => {
  const target = args.expression('target');
  const matches = globTest(args.word('pattern', ''));
  const replacement = whole(args);
  return (context) => {
    const value = target.get(context);
    if (typeof value === 'string' && matches(value)) target.set?.(context, replacement(context));
    return null;
  };
});

const replace_all_matches = define('replace_all_matches', { target: 'map', pattern: 'word', replacement: 'string', ...REPLACEMENT }, 'nil', (args) => {
  const matches = globTest(args.word('pattern', ''));
  const replacement = whole(args);
  return args.editMap('target', (entries, context) => mapValues(entries, (value) => (typeof value === 'string' && matches(value) ? replacement(context) : value)));
});

function whole(args: BoundArguments): Evaluate<string> {
  const replacement = args.string('replacement');
  const conversion = args.conversion('function');
  const format = args.word('replacementFormat', '%s');
  if (!conversion) return replacement;
  return (context) => {
    const converted = conversion(context, replacement(context));
    if (typeof converted !== 'string') throw new OttlFailure('function: expected one that answers a string');
    return format.replace('%s', () => converted);
  };
}

export const replaceEditors: readonly FunctionDefinition[] = [replace_pattern, replace_all_patterns, replace_match, replace_all_matches];
