import type { FoundTrace, ReadContext, SpanCondition, SpanReader, TimeRange, TraceSummary } from '../readers.js';
import { allOf } from './condition.js';
import { loadTraces } from './load-traces.js';
import { rootOf } from './root.js';
import { summarize } from './summary.js';

export interface AlternativeSearch {
  readonly range: TimeRange;
  /** A span matches where it meets all conditions of one alternative. At least one. */
  readonly alternatives: readonly (readonly SpanCondition[])[];
  /** Traces that the search is about, where that is not a matter of one span. */
  readonly keep?: (summary: TraceSummary) => boolean;
  readonly limit: number;
  readonly spansPerTrace: number;
  /** Traces looked at before a search with `keep` gives up looking for more. */
  readonly maxTraces: number;
}

/**
 * A search with `or`, which readers have not. Each alternative finds its newest traces; where there are several, the
 * spans of the traces found are looked at again, so that counts are exact though a span meets two alternatives.
 * Newest matching span first.
 */
export async function searchAny(reader: SpanReader, context: ReadContext, search: AlternativeSearch): Promise<readonly TraceSummary[]> {
  let depth = search.limit;
  for (;;) {
    const { summaries, exhausted } = await searchOnce(reader, context, search, depth);
    const kept = search.keep === undefined ? summaries : summaries.filter(search.keep);
    if (kept.length >= search.limit || exhausted || depth >= search.maxTraces) return kept.slice(0, search.limit);
    depth = Math.min(depth * 4, search.maxTraces);
  }
}

async function searchOnce(reader: SpanReader, context: ReadContext, search: AlternativeSearch, limit: number): Promise<{ summaries: readonly TraceSummary[]; exhausted: boolean }> {
  const { range, alternatives, spansPerTrace } = search;
  const [only, ...others] = alternatives;
  if (only !== undefined && others.length === 0) {
    const summaries = await reader.search(context, { range, conditions: only, limit, spansPerTrace });
    return { summaries, exhausted: summaries.length < limit };
  }
  const ids = new Set<string>();
  let exhausted = true;
  for (const conditions of alternatives) {
    const found = await reader.find(context, { range, conditions, limit });
    if (found.length >= limit) exhausted = false;
    for (const { traceId } of found) ids.add(traceId);
  }
  const tests = alternatives.map(allOf);
  const recounted: { summary: TraceSummary; newestNs: bigint }[] = [];
  for (const { traceId, found: spans } of await loadTraces(reader, context, [...ids])) {
    const root = rootOf(spans);
    const traceRoot = { name: root?.span.name ?? '', service: root?.service ?? '' };
    const matched = spans.filter((stored) => stored.span.startNs >= range.startNs && stored.span.startNs < range.endNs && tests.some((test) => test(stored, traceRoot)));
    const newest = matched.at(-1);
    if (newest !== undefined) recounted.push({ summary: summarize(traceId, spans, matched, spansPerTrace), newestNs: newest.span.startNs });
  }
  recounted.sort((a, b) => (a.newestNs > b.newestNs ? -1 : a.newestNs < b.newestNs ? 1 : a.summary.traceId < b.summary.traceId ? -1 : 1));
  return { summaries: recounted.slice(0, limit).map(({ summary }) => summary), exhausted };
}

/** The ids alone, for those who read the traces whole afterwards. */
export async function findAny(reader: SpanReader, context: ReadContext, { range, alternatives, limit }: Pick<AlternativeSearch, 'range' | 'alternatives' | 'limit'>): Promise<readonly string[]> {
  const newest = new Map<string, FoundTrace>();
  for (const conditions of alternatives) {
    for (const found of await reader.find(context, { range, conditions, limit })) {
      const known = newest.get(found.traceId);
      if (known === undefined || known.newestNs < found.newestNs) newest.set(found.traceId, found);
    }
  }
  return [...newest.values()]
    .sort((a, b) => (a.newestNs > b.newestNs ? -1 : a.newestNs < b.newestNs ? 1 : a.traceId < b.traceId ? -1 : 1))
    .slice(0, limit).map(({ traceId }) => traceId);
}

/** All combinations that take one alternative of each part: (a or b) and (c or d) → ac, ad, bc, bd. */
export function combine(parts: readonly (readonly (readonly SpanCondition[])[])[]): SpanCondition[][] {
  let combined: SpanCondition[][] = [[]];
  for (const alternatives of parts) combined = combined.flatMap((start) => alternatives.map((conditions) => [...start, ...conditions]));
  return combined;
}
