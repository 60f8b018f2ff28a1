import type { StoredSpan, TraceSummary } from '../readers.js';
import { rootOf } from './root.js';

/** The summary of a trace from all of its spans. `matched` are those that a search found. */
export function summarize(traceId: string, spans: readonly StoredSpan[], matched: readonly StoredSpan[], spansPerTrace: number): TraceSummary {
  let startNs = spans[0]?.span.startNs ?? 0n;
  let endNs = startNs;
  let errorCount = 0;
  const services = new Map<string, { name: string; spanCount: number; errorCount: number }>();
  for (const { span, service } of spans) {
    if (span.startNs < startNs) startNs = span.startNs;
    if (span.endNs > endNs) endNs = span.endNs;
    let counts = services.get(service);
    if (counts === undefined) services.set(service, (counts = { name: service, spanCount: 0, errorCount: 0 }));
    counts.spanCount++;
    if (span.status.code === 2) {
      counts.errorCount++;
      errorCount++;
    }
  }
  const root = rootOf(spans);
  return {
    traceId, startNs, durationNs: endNs - startNs,
    rootService: root?.service ?? '', rootName: root?.span.name ?? '',
    spanCount: spans.length, errorCount, services: [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    matched: matched.length, matchedSpans: matched.slice(0, spansPerTrace),
  };
}
