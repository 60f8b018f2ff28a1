import type { Labels, NativeHistogram, PrometheusExemplar, PrometheusMetadata } from '../types.js';

/** What one remote write or one scrape brought of one series: in the order it came, which need not be that of time. */
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

/**
 * The content of a frame of Prometheus samples; its payload is an `io.prometheus.write.v2.Request`, not compressed. Its items are
 * the float samples and the histograms, counted series by series, floats first.
 */
export interface WriteRequest {
  readonly series: readonly WriteSeries[];
}
