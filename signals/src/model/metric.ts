import type { Attributes } from './attributes.js';
import type { Resource, Scope } from './resource.js';

/** 0 unspecified, 1 delta, 2 cumulative. */
export type AggregationTemporality = number;

export interface Exemplar {
  readonly filteredAttributes: Attributes;
  readonly timeNs: bigint;
  /** bigint: as_int; number: as_double; null: nothing was set. */
  readonly value: bigint | number | null;
  /** Lowercase hex, or ''. */
  readonly spanId: string;
  readonly traceId: string;
}

interface DataPoint {
  readonly attributes: Attributes;
  readonly startNs: bigint;
  readonly timeNs: bigint;
  /** Bit 0: no recorded value (stale). */
  readonly flags: number;
}

export interface NumberDataPoint extends DataPoint {
  readonly value: bigint | number | null;
  readonly exemplars: readonly Exemplar[];
}

export interface HistogramDataPoint extends DataPoint {
  readonly count: bigint;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** One more than explicitBounds, or empty. */
  readonly bucketCounts: readonly bigint[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly Exemplar[];
}

export interface ExponentialBuckets {
  readonly offset: number;
  readonly bucketCounts: readonly bigint[];
}

export interface ExponentialHistogramDataPoint extends DataPoint {
  readonly count: bigint;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets | null;
  readonly negative: ExponentialBuckets | null;
  readonly exemplars: readonly Exemplar[];
}

export interface SummaryDataPoint extends DataPoint {
  readonly count: bigint;
  readonly sum: number;
  readonly quantileValues: readonly { readonly quantile: number; readonly value: number }[];
}

export type MetricValues =
  | { readonly type: 'gauge'; readonly dataPoints: readonly NumberDataPoint[] }
  | { readonly type: 'sum'; readonly dataPoints: readonly NumberDataPoint[]; readonly temporality: AggregationTemporality; readonly monotonic: boolean }
  | { readonly type: 'histogram'; readonly dataPoints: readonly HistogramDataPoint[]; readonly temporality: AggregationTemporality }
  | { readonly type: 'exponentialHistogram'; readonly dataPoints: readonly ExponentialHistogramDataPoint[]; readonly temporality: AggregationTemporality }
  | { readonly type: 'summary'; readonly dataPoints: readonly SummaryDataPoint[] }
  /** A metric without data, or of a type from the future; it has no points. */
  | { readonly type: 'none' };

export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly metadata: Attributes;
  readonly values: MetricValues;
}

export interface ScopeMetrics {
  readonly scope: Scope | null;
  readonly schemaUrl: string;
  readonly metrics: readonly Metric[];
}

export interface ResourceMetrics {
  readonly resource: Resource | null;
  readonly schemaUrl: string;
  readonly scopeMetrics: readonly ScopeMetrics[];
}

/** The content of an ExportMetricsServiceRequest. Its items are data points. */
export interface MetricsData {
  readonly resourceMetrics: readonly ResourceMetrics[];
}
