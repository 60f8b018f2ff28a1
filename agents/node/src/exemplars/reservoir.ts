import type { Attributes } from '@opentelemetry/api';
import { SpanKind, TraceFlags } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Exemplar } from '@signalbox/signals/model/metric';

/** Durations that instrumentations record right after they ended the span that they are of, and what tells such a span. */
export const DURATIONS = [
  { name: 'http.server.request.duration', kind: SpanKind.SERVER, attribute: 'http.request.method' },
  { name: 'http.client.request.duration', kind: SpanKind.CLIENT, attribute: 'http.request.method' },
  { name: 'rpc.server.call.duration', kind: SpanKind.SERVER, attribute: 'rpc.system' },
  { name: 'rpc.client.call.duration', kind: SpanKind.CLIENT, attribute: 'rpc.system' },
] as const;
export type Duration = (typeof DURATIONS)[number];

/** Bounds of the buckets that those durations have; of each, the newest exemplar is kept. */
const BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** As many as the SDK keeps of one metric. */
const MAX_SERIES = 2_000;

/** The newest span of each bucket. */
type Series = (ReadableSpan | undefined)[];

/**
 * Exemplars of durations: OpenTelemetry's SDK for JavaScript has none. Of each series and bucket the newest since the
 * last collection is kept, so that many requests cost no more than few.
 */
export class ExemplarReservoir implements SpanProcessor {
  readonly #series = new Map<string, Map<string, Series>>();
  #ended: ReadableSpan | null = null;

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (span.kind === SpanKind.INTERNAL || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#ended = span;
  }

  /** A duration is being recorded with these attributes; its span ended just before, if it was sampled. */
  recorded(duration: Duration, attributes: Attributes): void {
    const span = this.#ended;
    if (span === null || span.kind !== duration.kind || span.attributes[duration.attribute] === undefined) return;
    this.#ended = null;
    const metric = metricKey(span.instrumentationScope.name, duration.name);
    let ofMetric = this.#series.get(metric);
    if (ofMetric === undefined) this.#series.set(metric, (ofMetric = new Map()));
    const key = seriesKey(attributes);
    let series = ofMetric.get(key);
    if (series === undefined) {
      if (ofMetric.size >= MAX_SERIES) return;
      ofMetric.set(key, (series = []));
    }
    series[bucketOf(secondsOf(span))] = span;
  }

  /** What has come of a metric since it was last taken, by series; null where nothing has. */
  take(scope: string, name: string): ((attributes: Attributes) => readonly Exemplar[]) | null {
    const metric = metricKey(scope, name);
    const taken = this.#series.get(metric);
    if (taken === undefined) return null;
    this.#series.delete(metric);
    return (attributes) => taken.get(seriesKey(attributes))?.flatMap((span) => (span === undefined ? [] : exemplarOf(span))) ?? [];
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

function exemplarOf(span: ReadableSpan): Exemplar {
  const { traceId, spanId } = span.spanContext();
  const [endS, endNs] = span.endTime;
  return { filteredAttributes: [], timeNs: BigInt(endS) * 1_000_000_000n + BigInt(endNs), value: secondsOf(span), traceId, spanId };
}

function secondsOf(span: ReadableSpan): number {
  return hrTimeToMilliseconds(span.duration) / 1e3;
}

/** Several instrumentations measure under one name; the scope of their spans is that of their metrics. */
function metricKey(scope: string, name: string): string {
  return `${scope}\u0000${name}`;
}

function seriesKey(attributes: Attributes): string {
  let key = '';
  for (const name of Object.keys(attributes).sort()) key += `${name}\u0000${String(attributes[name])}\u0001`;
  return key;
}

function bucketOf(seconds: number): number {
  const index = BOUNDS_S.findIndex((bound) => seconds <= bound);
  return index < 0 ? BOUNDS_S.length : index;
}
