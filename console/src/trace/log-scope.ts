import type { TraceLog } from '../api/trace-logs.js';
import type { TraceModel } from './model.js';

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
