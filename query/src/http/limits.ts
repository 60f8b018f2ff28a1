/** What one query may cost. Each has a setting of the same name under `serve.query` and its environment variable. */
export interface QueryLimits {
  /** Series that one selector may match. Setting `query.maxSeries`. */
  readonly maxSeries: number;
  /** Samples that one query may load. Setting `query.maxSamples`. */
  readonly maxSamples: number;
  /** Points per series of a range query. Setting `query.maxPoints`. */
  readonly maxPoints: number;
  /** Time of one query; a client's own `timeout` can only shorten it. Setting `query.timeoutMs`. */
  readonly timeoutMs: number;
  /** Queries that run at a time; the others wait. Setting `query.concurrency`. */
  readonly concurrency: number;
  /** Queries that may wait; one more is refused at once. Setting `query.maxWaiting`. */
  readonly maxWaiting: number;
  /** Log lines of one answer. Setting `query.maxLines`. */
  readonly maxLines: number;
  /** Traces of one answer. Setting `query.maxTraces`. */
  readonly maxTraces: number;
  /** Traces whose spans are loaded whole to answer a Jaeger search or an `||`. Setting `query.maxTraceLoads`. */
  readonly maxTraceLoads: number;
  /** Values of one tag or label in an answer. Setting `query.maxTagValues`. */
  readonly maxTagValues: number;
  /** How far a sample counts as current (Prometheus' lookback delta). Setting `query.lookbackMs`. */
  readonly lookbackMs: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  maxSeries: 100_000,
  maxSamples: 50_000_000,
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
