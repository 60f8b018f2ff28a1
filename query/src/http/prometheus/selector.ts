import type { Matcher } from '../../readers.js';
import { PromQLParseError } from '../../promql/error.js';
import { parsePromQL } from '../../promql/parse.js';
import { scan } from '../../promql/scan.js';
import { BadData } from './errors.js';

const NO_MATCHER = 'vector selector must contain at least one non-empty matcher';

/**
 * A series selector of `match[]`: a name, matchers in braces, or both, and nothing else. `any`: it may match everything. Throws
 * BadData with Prometheus' text.
 */
export function parseSelector(text: string, any: boolean): readonly Matcher[] {
  const extra = behindSelector(text);
  if (extra !== null) throw new BadData(extra.message);
  try {
    const expr = parsePromQL(text);
    return expr.kind === 'selector' ? expr.matchers : [];
  } catch (error) {
    if (!(error instanceof PromQLParseError)) throw error;
    if (error.reason !== NO_MATCHER) throw new BadData(error.message);
    if (!any) throw new BadData('match[] must contain at least one non-empty matcher');
    // Every series that is kept has a name; the matchers there are stay what they are.
    return parseSelector(text.replace(/,?\s*\}\s*$/, /\{\s*\}\s*$/.test(text) ? '__name__!=""}' : ',__name__!=""}'), false);
  }
}

/** What a selector cannot begin with, or what comes after it. */
function behindSelector(text: string): PromQLParseError | null {
  const { tokens, error } = scan(text);
  const unexpected = (at: number): PromQLParseError | null => {
    const token = tokens[at];
    return token === undefined ? null : new PromQLParseError(`unexpected ${token.description}`, text, token);
  };
  const [first] = tokens;
  if (first === undefined) return error === null ? new PromQLParseError('unexpected end of input', text, text === '' ? null : { start: text.length, end: text.length }) : null;
  const braceAt = first.description === '"{"' ? 0 : 1;
  if (braceAt === 1 && !/^[\p{L}_:]/u.test(text.slice(first.start))) return unexpected(0);
  if (braceAt === 1 && /^number /.test(first.description)) return unexpected(0);
  if (tokens[braceAt]?.description !== '"{"') return unexpected(1);
  const close = tokens.findIndex(({ description }) => description === '"}"');
  return close < 0 ? null : unexpected(close + 1);
}
