import { RE2JS } from 're2js';
import type { Matcher } from '@signalbox/query/readers';

/** What a matcher asks of a label's value; a label that is not there has the value ''. */
export interface ValueTest {
  readonly name: string;
  readonly matches: (value: string) => boolean;
  /** The only values that match, where they can be told. */
  readonly only: readonly string[] | null;
  /** Every value that matches begins with this. */
  readonly prefix: string;
  /** Whether series without the label match. */
  readonly absent: boolean;
}

const META = /[\\.+*?()|[\]{}^$]/;

/** @throws where the expression is none that RE2 takes */
export function valueTest({ name, op, value }: Matcher): ValueTest {
  switch (op) {
    case '=':
      return test(name, (actual) => actual === value, [value], value);
    case '!=':
      return test(name, (actual) => actual !== value);
    case '=~':
      return regexpTest(name, value);
    case '!~': {
      const { matches } = regexpTest(name, value);
      return test(name, (actual) => !matches(actual));
    }
  }
}

/** Tests that are kept, more start anew; and characters of the longest expression. */
const MAX_TESTS = 500;
const MAX_LENGTH = 1000;

/** Tests of the matchers that were asked lately: to compile an expression costs more than what is read for a small query. */
export class ValueTests {
  private readonly known = new Map<string, ValueTest>();

  /** @throws where the expression is none that RE2 takes */
  of(matcher: Matcher): ValueTest {
    if (matcher.op === '=' || matcher.op === '!=' || matcher.value.length > MAX_LENGTH) return valueTest(matcher);
    const key = `${matcher.name}\u0001${matcher.op}${matcher.value}`;
    let found = this.known.get(key);
    if (found === undefined) {
      found = valueTest(matcher);
      if (this.known.size >= MAX_TESTS) this.known.clear();
      this.known.set(key, found);
    }
    return found;
  }
}

/** Expressions are anchored, `.` matches newlines, and they run in linear time. */
function regexpTest(name: string, pattern: string): ValueTest {
  if (pattern === '.*') return test(name, () => true);
  if (pattern === '.+') return test(name, (value) => value !== '');
  const alternatives = pattern.split('|');
  if (alternatives.every((alternative) => !META.test(alternative))) {
    const set = new Set(alternatives);
    return test(name, (value) => set.has(value), [...set], alternatives.length === 1 ? pattern : '');
  }
  const regexp = RE2JS.compile(pattern, RE2JS.DOTALL);
  const prefix = literalPrefix(pattern);
  return test(name, (value) => value.startsWith(prefix) && regexp.testExact(value), null, prefix);
}

function test(name: string, matches: (value: string) => boolean, only: readonly string[] | null = null, prefix = ''): ValueTest {
  return { name, matches, only, prefix, absent: matches('') };
}

/** What a pattern without alternatives at its top begins with. The last character may be repeated or left out. */
function literalPrefix(pattern: string): string {
  if (pattern.includes('|')) return '';
  const end = pattern.search(META);
  const literal = end < 0 ? pattern : pattern.slice(0, end);
  return /[*?{]/.test(pattern[end] ?? '') ? literal.slice(0, -1).replace(/[\ud800-\udbff]$/, '') : literal;
}
