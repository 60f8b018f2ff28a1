import type { HistogramDataPoint, SummaryDataPoint } from '../model/metric.js';
import { decimal } from './decimal.js';
import { toExemplars } from './exemplars.js';
import { seriesLabels } from './labels.js';
import type { Labels, PrometheusExemplar } from './types.js';

/** One of the float series that a histogram or summary point becomes. */
export interface ClassicSample {
  readonly labels: Labels;
  readonly value: number;
  readonly exemplars: readonly PrometheusExemplar[];
}

const NONE: readonly PrometheusExemplar[] = [];

/**
 * `_sum` (where the point has one), `_count`, and a cumulative `_bucket` per bound with `+Inf` last. An exemplar goes to
 * the first bucket that holds its value.
 */
export function histogramSamples(point: HistogramDataPoint, family: string, labels: ReadonlyMap<string, string>): ClassicSample[] {
  const out: ClassicSample[] = [];
  if (point.sum !== null) out.push({ labels: seriesLabels(labels, `${family}_sum`), value: point.sum, exemplars: NONE });
  const count = Number(point.count);
  out.push({ labels: seriesLabels(labels, `${family}_count`), value: count, exemplars: NONE });

  const exemplars = exemplarsOfBuckets(toExemplars(point.exemplars), point.explicitBounds);
  let cumulative = 0n;
  for (let i = 0; i < point.explicitBounds.length && i < point.bucketCounts.length; i++) {
    const bound = point.explicitBounds[i] ?? Infinity;
    if (bound === Infinity) break;
    cumulative += point.bucketCounts[i] ?? 0n;
    out.push({ labels: seriesLabels(labels, `${family}_bucket`, ['le', decimal(bound)]), value: Number(cumulative), exemplars: exemplars.next() });
  }
  out.push({ labels: seriesLabels(labels, `${family}_bucket`, ['le', '+Inf']), value: count, exemplars: exemplars.rest() });
  return out;
}

/** Hands out exemplars bucket by bucket, in the order of the bounds: each belongs to the first bucket that holds its value. */
export function exemplarsOfBuckets(exemplars: PrometheusExemplar[], bounds: readonly number[]): { next(): readonly PrometheusExemplar[]; rest(): readonly PrometheusExemplar[] } {
  const sorted = exemplars.sort((a, b) => a.value - b.value);
  let at = 0;
  let bucket = 0;
  return {
    next() {
      const from = at;
      const bound = bounds[bucket++];
      while (at < sorted.length && !(sorted[at].value > bound)) at++;
      return from === at ? NONE : sorted.slice(from, at);
    },
    rest: () => (at === sorted.length ? NONE : sorted.slice(at)),
  };
}

/** `_sum`, `_count`, and the family itself once per quantile. */
export function summarySamples(point: SummaryDataPoint, family: string, labels: ReadonlyMap<string, string>): ClassicSample[] {
  return [
    { labels: seriesLabels(labels, `${family}_sum`), value: point.sum, exemplars: NONE },
    { labels: seriesLabels(labels, `${family}_count`), value: Number(point.count), exemplars: NONE },
    ...point.quantileValues.map(({ quantile, value }) => ({ labels: seriesLabels(labels, family, ['quantile', decimal(quantile)]), value, exemplars: NONE })),
  ];
}
