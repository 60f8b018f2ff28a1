import type { LineFilter, Matcher } from '../readers.js';
import { RE2JS } from 're2js';
import type { LogQuery } from './ast.js';

/** What a log query asks of a LogReader. */
export function filtersOf(query: LogQuery): { matchers: readonly Matcher[]; metadata: Matcher[]; lineFilters: LineFilter[] } {
  const metadata: Matcher[] = [];
  const lineFilters: LineFilter[] = [];
  for (const stage of query.stages) {
    if (stage.kind === 'label') {
      metadata.push(...stage.matchers);
    } else if (stage.values.length === 1 || stage.op === '!=' || stage.op === '!~') {
      for (const value of stage.values) lineFilters.push({ op: stage.op, value });
    } else {
      const patterns = stage.values.map((value) => (stage.op === '|=' ? RE2JS.quote(value) : value));
      lineFilters.push({ op: '|~', value: patterns.map((pattern) => `(?:${pattern})`).join('|') });
    }
  }
  return { matchers: query.matchers, metadata, lineFilters };
}
