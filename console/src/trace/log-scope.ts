import type { TraceLog } from '../api/trace-logs.js';
import { everything, logsHref, withFilter, withMatcher } from '../logs/log-search.js';
import type { TraceModel, TraceNode } from './model.js';

/** Whose lines are shown: the whole trace's, the selected span's, or its and those of the spans below it. */
export type LogScope = 'all' | 'span' | 'below';

export function readScope(text: string | null): LogScope {
  return text === 'span' || text === 'below' ? text : 'all';
}

/** The lines within a scope that hold `text` in their body, service or attributes, whatever the case. */
export function logsWithin(logs: readonly TraceLog[], model: TraceModel, scope: LogScope, selected: number, text: string): readonly TraceLog[] {
  const wanted = text.trim().toLowerCase();
  const node = model.nodes[selected];
  const spans = scope === 'all' || node === undefined ? null : new Set(model.nodes.slice(selected, selected + 1 + (scope === 'below' ? node.below : 0)).map(({ span }) => span.spanId));
  return logs.filter((log) => (spans === null || spans.has(log.spanId)) && (wanted === '' || holds(log, wanted)));
}

function holds(log: TraceLog, wanted: string): boolean {
  return log.body.toLowerCase().includes(wanted) || log.service.toLowerCase().includes(wanted) || log.severity.includes(wanted)
    || log.attributes.some(({ key, value }) => key.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted));
}

/** Lines are written a little before and after what they tell of, by clocks that differ a little. */
const AROUND_MS = 2_000;

/** Addresses of the lines that name the trace, and of all that the span's service wrote while the span lasted. */
export function linesAround(model: TraceModel, node: TraceNode): { readonly ofTrace: string; readonly ofService: string } {
  const startMs = Number(model.startNs / 1_000_000n);
  const lines = (query: string, offsetNs: number, durationNs: number): string => logsHref({
    query, range: { from: String(Math.floor(startMs + offsetNs / 1e6 - AROUND_MS)), to: String(Math.ceil(startMs + (offsetNs + durationNs) / 1e6 + AROUND_MS)) }, limit: 500, direction: 'forward', refresh: '',
  });
  return {
    ofTrace: lines(withFilter(everything, 'trace_id', model.traceId), 0, model.durationNs),
    ofService: lines(withMatcher(everything, 'service_name', node.span.service), node.offsetNs, node.durationNs),
  };
}
