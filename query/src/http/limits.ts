/** What one query may cost. Those with a setting can be raised in the configuration. */
export interface QueryLimits {
  /** Series that one selector may match. Setting `query.max_series`. */
  readonly maxSeries: number;
  /** Samples that one query may hold. Setting `query.max_samples`. */
  readonly maxSamples: number;
  /** Bytes that one query may take for what it reads, computes and answers. Setting `query.max_memory`. */
  readonly maxMemoryBytes: number;
  /** Points per series of a range query; Prometheus' own limit. */
  readonly maxPoints: number;
  /** Time of one query; a client's own `timeout` can only shorten it. Setting `query.timeout`. */
  readonly timeoutMs: number;
  /** Queries that run at a time; the others wait. Setting `store.max_queries`. */
  readonly concurrency: number;
  /** Queries that may wait; one more is refused at once. */
  readonly maxWaiting: number;
  /** Log lines of one answer; Loki's own default. */
  readonly maxLines: number;
  /** Traces that one search looks for. */
  readonly maxTraces: number;
  /** Traces that a search loads whole. */
  readonly maxTraceLoads: number;
  /** Values of one tag in an answer. */
  readonly maxTagValues: number;
  /** How far a sample counts as current; Prometheus' lookback delta. */
  readonly lookbackMs: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  maxSeries: 100_000,
  maxSamples: 50_000_000,
  maxMemoryBytes: 1024 ** 3,
  maxPoints: 11_000,
  timeoutMs: 120_000,
  concurrency: 4,
  maxWaiting: 100,
  maxLines: 5_000,
  maxTraces: 10_000,
  maxTraceLoads: 1_500,
  maxTagValues: 10_000,
  lookbackMs: 300_000,
};
