import { RE2JS } from 're2js';
import type { Fields } from './entry.js';
import type { LineParser } from './formats.js';

const MAX_LENGTH = 16_384;

/** A pattern of a configuration, in RE2's syntax: it runs in time linear in the text. @throws Error with RE2's own words */
export function compileRegexp(pattern: string): RE2JS {
  if (pattern.length > MAX_LENGTH) throw new Error(`the expression is longer than ${MAX_LENGTH} characters`);
  return RE2JS.compile(pattern, 0);
}

/** Named groups of the first match become fields; groups that took no part are left out. */
export function regexParser(pattern: string): LineParser {
  const regexp = compileRegexp(pattern);
  const groups = Object.keys(regexp.namedGroups());
  if (groups.length === 0) throw new Error('the expression needs at least one named group: (?P<name>…)');
  return (line) => {
    const matcher = regexp.matcher(line);
    if (!matcher.find()) return null;
    const fields: Fields = new Map();
    for (const group of groups) {
      const value: unknown = matcher.group(group);
      if (typeof value === 'string') fields.set(group, value);
    }
    return fields;
  };
}
