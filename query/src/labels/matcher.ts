import type { Matcher } from '../readers.js';
import { anchoredRegexp } from '../regexp/linear.js';

/** Whether a label's value meets the matcher; a label that is not there has the value ''. Throws RegexpError. */
export function valueMatcher({ op, value }: Matcher): (value: string) => boolean {
  switch (op) {
    case '=': return (actual) => actual === value;
    case '!=': return (actual) => actual !== value;
    case '=~': return anchoredRegexp(value);
    case '!~': {
      const matches = anchoredRegexp(value);
      return (actual) => !matches(actual);
    }
  }
}

/** Whether all matchers hold for labels that are looked up by name. Throws RegexpError. */
export function labelMatcher(matchers: readonly Matcher[]): (valueOf: (name: string) => string) => boolean {
  const compiled = matchers.map((matcher) => ({ name: matcher.name, matches: valueMatcher(matcher) }));
  return (valueOf) => compiled.every(({ name, matches }) => matches(valueOf(name)));
}

/** A matcher as PromQL and LogQL write it. */
export function matcherText({ name, op, value }: Matcher): string {
  return `${name}${op}${JSON.stringify(value)}`;
}
