import { RE2JS } from 're2js';
import type { LineFilter, Matcher } from '../readers.js';
import type { LogQuery } from './ast.js';

/** Names that the query's label filters look at. */
export function filteredLabels(query: LogQuery): string[] {
  return query.stages.flatMap((stage) => (stage.kind === 'label' ? stage.matchers.map(({ name }) => name) : []));
}

/**
 * What a log query asks of a LogReader. A label filter on one of `streamLabels`, the labels of the streams that the
 * query selects, is a matter of the stream, for which readers have an index; the others are of structured metadata.
 */
export function filtersOf(query: LogQuery, streamLabels: ReadonlySet<string> = new Set()): { matchers: readonly Matcher[]; metadata: Matcher[]; lineFilters: LineFilter[] } {
  const matchers = [...query.matchers];
  const metadata: Matcher[] = [];
  const lineFilters: LineFilter[] = [];
  for (const stage of query.stages) {
    if (stage.kind === 'label') {
      for (const matcher of stage.matchers) (streamLabels.has(matcher.name) ? matchers : metadata).push(matcher);
    } else if (stage.values.length === 1 || stage.op === '!=' || stage.op === '!~') {
      for (const value of stage.values) lineFilters.push({ op: stage.op, value });
    } else {
      const patterns = stage.values.map((value) => (stage.op === '|=' ? RE2JS.quote(value) : value));
      lineFilters.push({ op: '|~', value: patterns.map((pattern) => `(?:${pattern})`).join('|') });
    }
  }
  return { matchers, metadata, lineFilters };
}
