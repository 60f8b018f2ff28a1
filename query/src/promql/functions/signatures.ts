import type { ValueType } from '../ast.js';

export interface Signature {
  readonly args: readonly ValueType[];
  readonly returns: ValueType;
  /** How many more of the last argument there may be (the last itself is optional then); -1: any number. */
  readonly variadic: number;
  /** Behind `promql-experimental-functions` in Prometheus. */
  readonly experimental: boolean;
}

const V: ValueType = 'vector';
const S: ValueType = 'scalar';
const M: ValueType = 'matrix';
const T: ValueType = 'string';

function signature(args: readonly ValueType[], returns: ValueType = V, variadic = 0, experimental = false): Signature {
  return { args, returns, variadic, experimental };
}

function named(names: string, made: Signature): [string, Signature][] {
  return names.split(' ').map((name) => [name, made]);
}

/** Prometheus' functions (promql/parser/functions.go). */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map([
  ...named('abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad scalar sgn sin sinh sort sort_desc sqrt tan tanh timestamp', signature([V])),
  ...named('histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', signature([V])),
  ...named('absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time max_over_time min_over_time '
    + 'present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time', signature([M])),
  ...named('mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time', signature([M], V, 0, true)),
  ...named('days_in_month day_of_month day_of_week day_of_year hour minute month year', signature([V], V, 1)),
  ...named('pi time', signature([], S)),
  ...named('start end range step', signature([], S, 0, true)),
  ...named('max_of min_of', signature([S, S], S, 0, true)),
  ['scalar', signature([V], S)],
  ['vector', signature([S])],
  ['clamp', signature([V, S, S])],
  ['clamp_max', signature([V, S])],
  ['clamp_min', signature([V, S])],
  ['round', signature([V, S], V, 1)],
  ['histogram_fraction', signature([S, S, V])],
  ['histogram_quantile', signature([S, V])],
  ['histogram_quantiles', signature([V, T, S, S], V, 9, true)],
  ['double_exponential_smoothing', signature([M, S, S], V, 0, true)],
  ['predict_linear', signature([M, S])],
  ['quantile_over_time', signature([S, M])],
  ['info', signature([V, V], V, 1, true)],
  ['label_replace', signature([V, T, T, T, T])],
  ['label_join', signature([V, T, T, T], V, -1)],
  ['sort_by_label', signature([V, T], V, -1, true)],
  ['sort_by_label_desc', signature([V, T], V, -1, true)],
  ['start_timestamp', signature([V], V, 0, true)],
]);
