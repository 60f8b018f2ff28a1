import { RE2JS } from 're2js';

/** A regular expression of RE2's language. Every operation takes time linear in the text. */
export interface Pattern {
  readonly source: string;
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
  /** Replaces every match; `$1`, `${1}` and `${name}` in the replacement stand for groups, `$$` for a dollar sign. */
  replace(text: string, replacement: string | ((match: string, expand: (template: string) => string) => string)): string;
  /** The first match's named groups, those that took part; null where nothing matches. */
  named(text: string): ReadonlyMap<string, string> | null;
  readonly groupNames: readonly string[];
}

/** Longer patterns are refused: compiling costs more than their length. */
const MAX_LENGTH = 16_384;
const META = /[\\.+*?()|[\]{}^$]/;

/** @throws Error whose message says what is wrong with the pattern */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_LENGTH) throw new Error(`the regular expression is longer than ${MAX_LENGTH} characters`);
  let regexp: RE2JS;
  try {
    regexp = RE2JS.compile(source);
  } catch (error) {
    throw new Error(`not a regular expression of RE2: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return { source, test: tester(source, regexp), replace: (text, replacement) => replaceAll(regexp, text, replacement), named: (text) => namedGroups(regexp, text), groupNames: Object.keys(regexp.namedGroups()) };
}

/** Plain words, which many patterns are, need no engine. */
function tester(source: string, regexp: RE2JS): (text: string) => boolean {
  if (!META.test(source)) return (text) => text.includes(source);
  const anchoredStart = source.startsWith('^');
  const anchoredEnd = source.endsWith('$') && !source.endsWith('\\$');
  const plain = source.slice(anchoredStart ? 1 : 0, anchoredEnd ? -1 : undefined);
  if (!META.test(plain)) {
    if (anchoredStart && anchoredEnd) return (text) => text === plain;
    return anchoredStart ? (text) => text.startsWith(plain) : (text) => text.endsWith(plain);
  }
  return (text) => regexp.test(text);
}

function replaceAll(regexp: RE2JS, text: string, replacement: string | ((match: string, expand: (template: string) => string) => string)): string {
  const matcher = regexp.matcher(text);
  let out = '';
  let end = 0;
  let found = false;
  while (matcher.find()) {
    found = true;
    const expand = (template: string): string => expandTemplate(template, (group) => groupText(matcher, regexp, group));
    const match = matcher.group() ?? '';
    out += text.slice(end, matcher.start()) + (typeof replacement === 'string' ? expand(replacement) : replacement(match, expand));
    end = matcher.end();
  }
  return found ? out + text.slice(end) : text;
}

function groupText(matcher: ReturnType<RE2JS['matcher']>, regexp: RE2JS, group: string): string {
  const index = /^\d+$/.test(group) ? Number(group) : regexp.namedGroups()[group];
  return index === undefined || index > regexp.groupCount() ? '' : (matcher.group(index) ?? '');
}

/** As Go's Regexp.Expand: the longest name counts, so that `$1x` is the group `1x`; write `${1}x`. */
function expandTemplate(template: string, group: (name: string) => string): string {
  if (!template.includes('$')) return template;
  return template.replace(/\$(?:\$|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g, (whole: string, braced?: string, bare?: string) => (whole === '$$' ? '$' : group(braced ?? bare ?? '')));
}

function namedGroups(regexp: RE2JS, text: string): ReadonlyMap<string, string> | null {
  const matcher = regexp.matcher(text);
  if (!matcher.find()) return null;
  const groups = new Map<string, string>();
  for (const [name, index] of Object.entries(regexp.namedGroups())) {
    const value = matcher.group(index);
    if (value !== null) groups.set(name, value);
  }
  return groups;
}
