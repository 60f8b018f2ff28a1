import type { AnyValue } from '@signalbox/signals/model/attributes';
import { attribute } from '@signalbox/signals/model/attribute-text';
import { intrinsicValue } from '../../spans/condition.js';
import type { SpanCondition, StoredSpan, TraceSummary } from '../../readers.js';
import { anyValueJson } from './any-value.js';

/** In the place of a root that has not arrived. */
const NO_ROOT = '<root span not yet received>';

/** Intrinsics that have a place of their own in the answer. */
const SHOWN_ELSEWHERE = new Set(['name', 'duration', 'rootName', 'rootService', 'traceId', 'spanId']);

const INTRINSIC_NAMES: Readonly<Record<string, string>> = { service: 'service.name', parentId: 'span:parentID', scopeName: 'instrumentation:name' };

/** One trace of a search's answer, as Tempo's protobuf-to-JSON writes TraceSearchMetadata: no zeros, integers of 64 bits as text. */
export function traceMetadata(summary: TraceSummary, conditions: readonly SpanCondition[] | null): object {
  const durationMs = Number(summary.durationNs / 1_000_000n);
  const metadata = {
    // Tempo leaves out leading zeros, but for an id of zeros only.
    traceID: summary.traceId.replace(/^0+(?=.)/, ''),
    rootServiceName: summary.rootService === '' ? NO_ROOT : summary.rootService,
    ...(summary.rootName === '' ? {} : { rootTraceName: summary.rootName }),
    startTimeUnixNano: String(summary.startNs),
    ...(durationMs === 0 ? {} : { durationMs }),
  };
  const serviceStats = Object.fromEntries(summary.services.map(({ name, spanCount, errorCount }) => [name, { spanCount, ...(errorCount === 0 ? {} : { errorCount }) }]));
  if (conditions === null) return { ...metadata, serviceStats };
  const spanSet = { spans: summary.matchedSpans.map((stored) => matchedSpan(stored, summary, conditions)), matched: summary.matched };
  return { ...metadata, spanSet, spanSets: [spanSet], serviceStats };
}

/** A span that matched, with the attributes that the query looked at. */
function matchedSpan(stored: StoredSpan, summary: TraceSummary, conditions: readonly SpanCondition[]): object {
  const { span } = stored;
  const attributes = new Map<string, object>();
  for (const { scope, key } of conditions) {
    if (scope === 'intrinsic' && SHOWN_ELSEWHERE.has(key)) continue;
    const value = valueOf(stored, summary, scope, key);
    if (value === undefined) continue;
    attributes.set(scope === 'intrinsic' ? INTRINSIC_NAMES[key] ?? key : key, anyValueJson(value));
  }
  return {
    spanID: span.spanId,
    ...(conditions.some(({ scope, key }) => scope === 'intrinsic' && key === 'name') ? { name: span.name } : {}),
    startTimeUnixNano: String(span.startNs),
    durationNanos: String(span.endNs > span.startNs ? span.endNs - span.startNs : 0n),
    ...(attributes.size === 0 ? {} : { attributes: [...attributes].map(([key, value]) => ({ key, value })) }),
  };
}

function valueOf(stored: StoredSpan, summary: TraceSummary, scope: SpanCondition['scope'], key: string): AnyValue | undefined {
  switch (scope) {
    case 'span': return attribute(stored.span.attributes, key);
    case 'resource': return attribute(stored.resource.attributes, key);
    case 'any': return attribute(stored.span.attributes, key) ?? attribute(stored.resource.attributes, key);
    case 'intrinsic': return intrinsicValue(key, stored, { name: summary.rootName, service: summary.rootService });
  }
}
