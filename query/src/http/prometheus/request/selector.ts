import { valueMatcher } from '../../../labels/matcher.js';
import type { Matcher } from '../../../readers.js';
import { PromQLParseError } from '../../../promql/error.js';
import { parsePromQL } from '../../../promql/parsing/parse.js';
import { scan } from '../../../promql/parsing/scanning/scan.js';
import { BadData } from '../errors.js';

/**
 * A series selector of `match[]`: a name, matchers in braces, or both, and nothing else. Throws BadData with Prometheus' text.
 */
export function parseSelector(text: string): readonly Matcher[] {
  try {
    const extra = behindSelector(text);
    if (extra !== null) throw extra;
    return matchersOf(text);
  } catch (error) {
    throw error instanceof PromQLParseError ? new BadData(error.message) : error;
  }
}

function matchersOf(text: string): readonly Matcher[] {
  const expr = parsePromQL(text, { checked: false });
  return expr.kind === 'selector' ? expr.matchers : [];
}

/** Where a selector may match everything (`any`), one more matcher excludes nothing: every series that is kept has a name. Throws BadData where it may not. */
export function ofSomething(matchers: readonly Matcher[], any: boolean): readonly Matcher[] {
  if (matchers.some((matcher) => !valueMatcher(matcher)(''))) return matchers;
  if (!any) throw new BadData('match[] must contain at least one non-empty matcher');
  return [...matchers, { name: '__name__', op: '!=', value: '' }];
}

/** Words of the language that no metric is named like. */
const NO_NAME = /^(<op:|<(bool|on|ignoring|group_left|group_right)>)/;

/** What a selector cannot begin with, or what comes after it. */
function behindSelector(text: string): PromQLParseError | null {
  const { tokens, error } = scan(text);
  const unexpected = (at: number): PromQLParseError | null => {
    const token = tokens[at];
    return token === undefined ? null : new PromQLParseError(`unexpected ${token.shown}`, text, token);
  };
  const [first] = tokens;
  if (first === undefined) return error === null ? new PromQLParseError('unexpected end of input', text, text === '' ? null : { start: text.length, end: text.length }) : null;
  const braceAt = first.description === '"{"' ? 0 : 1;
  if (braceAt === 1 && !/^[\p{L}_:]/u.test(text.slice(first.start))) return unexpected(0);
  if (braceAt === 1 && (/^number /.test(first.description) || (NO_NAME.test(first.description) && !/^<op:(and|or|unless)>$/.test(first.description)))) return unexpected(0);
  if (tokens[braceAt]?.description !== '"{"') return unexpected(1);
  const close = tokens.findIndex(({ description }) => description === '"}"');
  if (close < 0 || tokens[close + 1] === undefined) return null;
  matchersOf(text.slice(0, tokens[close]?.end));
  return unexpected(close + 1);
}
