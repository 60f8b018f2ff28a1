/** Labels sorted by name (UTF-16 code units), `__name__` included; no empty values. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** The bits of Prometheus' stale marker, a NaN of its own. */
export const STALE_NAN_BITS = 0x7ff0000000000002n;

/** Prometheus' native histogram in absolute (not delta-coded) bucket counts; `schema` -53 has custom bounds. */
export interface NativeHistogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  /** Bucket index and count of each bucket that is not empty, ascending. Index i covers (base^(i-1), base^i]. */
  readonly positive: { readonly offsets: Int32Array; readonly counts: Float64Array };
  readonly negative: { readonly offsets: Int32Array; readonly counts: Float64Array };
  readonly customBounds: Float64Array | null;
  readonly counterReset: 'unknown' | 'reset' | 'no' | 'gauge';
}

export type PrometheusType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

export interface PrometheusExemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

/** One sample of one series. */
export interface PrometheusSample {
  readonly labels: Labels;
  readonly timeMs: number;
  /** Ignored where `stale` or `histogram` is set. */
  readonly value: number;
  /** A stale marker: to be written with STALE_NAN_BITS. */
  readonly stale: boolean;
  readonly histogram: NativeHistogram | null;
  /** Unix milliseconds of the counter's start, 0 if unknown. */
  readonly startMs: number;
  readonly exemplars: readonly PrometheusExemplar[];
  /** Ordinal of the OTLP data point in the MetricsData that it came from, in document order; -1 for target_info. */
  readonly item: number;
}

export interface PrometheusMetadata {
  /** Metric family name. */
  readonly name: string;
  readonly type: PrometheusType;
  readonly help: string;
  readonly unit: string;
}

export interface PrometheusBatch {
  readonly samples: readonly PrometheusSample[];
  readonly metadata: readonly PrometheusMetadata[];
  /** Data points that have no counterpart, with the reason (`delta_temporality`, `no_value`, …). */
  readonly dropped: readonly { readonly item: number; readonly reason: string }[];
}
