import type { Labels, NativeHistogram, PrometheusExemplar, PrometheusMetadata, PrometheusType } from '../types.js';

/** Metric types as both versions of the protocol number them. */
export const TYPE_NUMBERS: Readonly<Record<PrometheusType, number>> = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 };

/**
 * What one remote write or one scrape brought of one series: in the order it came, which need not be that of time. One without
 * samples says something of the family that its `__name__` names: version 1 of the protocol sends metadata apart.
 */
export interface WriteSeries {
  /** Sorted by name, `__name__` included, no empty values. */
  readonly labels: Labels;
  /** Unix milliseconds of the float samples. */
  readonly timesMs: Float64Array;
  /** As long as `timesMs`; a stale marker keeps its bits (STALE_NAN_BITS). */
  readonly values: Float64Array;
  /** Unix milliseconds at which the counter began, 0 where unknown; as long as `timesMs`, or null where none is known. */
  readonly startsMs: Float64Array | null;
  readonly histograms: readonly WriteHistogram[];
  readonly exemplars: readonly PrometheusExemplar[];
  /** Null where it was not said. */
  readonly metadata: Omit<PrometheusMetadata, 'name'> | null;
}

export interface WriteHistogram {
  readonly timeMs: number;
  /** Null is a stale marker. */
  readonly histogram: NativeHistogram | null;
  readonly startMs: number;
}

/** Something of a write that Prometheus would not take; the rest is taken. */
export interface WriteProblem {
  /** In Prometheus' words. */
  readonly text: string;
  /** Samples and histograms that are left out for it. */
  readonly items: number;
  readonly kind: 'labels' | 'histogram' | 'exemplar' | 'time';
}

/** A write that was read: what is good of it, and what is not. */
export interface DecodedWrite extends WriteRequest {
  readonly problems: readonly WriteProblem[];
}

/**
 * The content of a frame of Prometheus samples; its payload is an `io.prometheus.write.v2.Request`, not compressed. Its items are
 * the float samples and the histograms, counted series by series, floats first.
 */
export interface WriteRequest {
  readonly series: readonly WriteSeries[];
}
