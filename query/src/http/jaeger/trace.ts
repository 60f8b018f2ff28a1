import { attribute } from '@signalbox/signals/model/attribute-text';
import type { Span } from '@signalbox/signals/model/span';
import type { StoredSpan } from '../../readers.js';
import { clockSkewWarnings } from './clock-skew.js';
import type { JaegerKeyValue, JaegerProcess, JaegerReference, JaegerSpan, JaegerTrace } from './model.js';
import { eventFields, resourceTags, sortTags, spanTags } from './tags.js';

/** A trace id as Jaeger writes it: 16 digits where the upper half is zero. */
export function jaegerTraceId(id: string): string {
  return id.length === 32 && id.startsWith('0000000000000000') ? id.slice(16) : id;
}

/** A stored trace as Jaeger's UI API shows it. `raw`: without Jaeger's adjustments (sorted tags, warnings, duplicates out). */
export function jaegerTrace(traceId: string, spans: readonly StoredSpan[], raw = false): JaegerTrace {
  const processes = new Map<string, { id: string; process: JaegerProcess }>();
  const seen = new Set<string>();
  const shown: JaegerSpan[] = [];
  for (const stored of spans) {
    const { tags, processTags } = spanTags(stored, raw);
    const processID = processOf(processes, stored.service, [...resourceTags(stored.resource.attributes), ...processTags]);
    const span = jaegerSpan(stored.span, processID, tags);
    if (!raw) {
      const identity = JSON.stringify(span);
      if (seen.has(identity)) continue;
      seen.add(identity);
    }
    shown.push(span);
  }
  const byId = Object.fromEntries([...processes.values()].map(({ id, process }) => [id, process]));
  return { traceID: jaegerTraceId(traceId), spans: raw ? shown : withWarnings(shown, byId), processes: byId, warnings: null };
}

function jaegerSpan(span: Span, processID: string, tags: readonly JaegerKeyValue[]): JaegerSpan {
  return {
    traceID: jaegerTraceId(span.traceId),
    spanID: span.spanId,
    operationName: span.name,
    references: references(span),
    startTime: micros(span.startNs),
    // A span that ends before it starts has no duration that an unsigned number of microseconds could say.
    duration: span.endNs > span.startNs ? micros(span.endNs - span.startNs) : 0,
    tags,
    logs: span.events.map((event) => ({ timestamp: micros(event.timeNs), fields: eventFields(event.name, event.attributes) })),
    processID,
    warnings: null,
  };
}

/** The parent first; links follow, as CHILD_OF only where their attribute `opentracing.ref_type` says so. */
function references(span: Span): JaegerReference[] {
  const traceID = jaegerTraceId(span.traceId);
  const refs: JaegerReference[] = [];
  if (span.parentSpanId !== '') refs.push({ refType: 'CHILD_OF', traceID, spanID: span.parentSpanId });
  for (const link of span.links) {
    const refType = attribute(link.attributes, 'opentracing.ref_type') === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM';
    const ref: JaegerReference = { refType, traceID: jaegerTraceId(link.traceId), spanID: link.spanId };
    if (span.parentSpanId !== '' && link.traceId === span.traceId && link.spanId === span.parentSpanId) refs[0] = ref;
    else refs.push(ref);
  }
  const parent = refs.findIndex((ref) => ref.traceID === traceID && ref.refType === 'CHILD_OF');
  const first = parent >= 0 ? parent : refs.findIndex((ref) => ref.traceID === traceID);
  const [start, swap] = [refs[0], refs[first]];
  if (first > 0 && start !== undefined && swap !== undefined) {
    refs[0] = swap;
    refs[first] = start;
  }
  return refs;
}

function processOf(processes: Map<string, { id: string; process: JaegerProcess }>, serviceName: string, tags: JaegerKeyValue[]): string {
  const process = { serviceName, tags: sortTags(tags) };
  const identity = JSON.stringify(process);
  let entry = processes.get(identity);
  if (entry === undefined) processes.set(identity, (entry = { id: `p${processes.size + 1}`, process }));
  return entry.id;
}

function withWarnings(spans: readonly JaegerSpan[], processes: Readonly<Record<string, JaegerProcess>>): JaegerSpan[] {
  const warnings = clockSkewWarnings(spans, processes);
  return spans.map((span) => ({ ...span, warnings: warnings.get(span) ?? null }));
}

function micros(ns: bigint): number {
  return Number(ns / 1000n);
}
