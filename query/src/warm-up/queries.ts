/** Queries over `warmUpSeries`: each kind of selector, function, operator and aggregation that dashboards are made of, the most frequent ones in several forms. */
export function warmUpQueries(): readonly string[] {
  return [
    ...SELECTORS.flatMap((selector) => [selector, `${selector} offset 1m`]),
    ...OVER_FLOATS.flatMap((name) => [`${name}(warm_gauge{job="api"}[5m])`, `${name}(warm_total[2m])`]),
    ...OVER_HISTOGRAMS.flatMap((name) => [`${name}(warm_native[5m])`, `${name}(warm_custom[2m])`, `${name}(warm_mixed[5m])`]),
    ...OVER_SUBQUERIES.flatMap((name) => [`${name}((sum by (job) (warm_gauge))[5m:30s])`, `${name}(warm_total[10m:1m])`, `${name}((warm_native)[5m:30s])`]),
    ...OF_VECTORS.map((name) => `${name}(warm_gauge)`),
    ...AGGREGATIONS.flatMap((name) => [`${name} by (job) (warm_gauge)`, `${name} without (instance) (rate(warm_total[5m]))`]),
    ...ARITHMETIC.flatMap((op) => [`warm_gauge ${op} 2`, `1e3 ${op} warm_total`, `warm_gauge ${op} ignoring (code) warm_total`]),
    ...COMPARISONS.flatMap((op) => [`warm_gauge ${op} 20`, `warm_gauge ${op} bool on (job, instance) warm_total`]),
    ...['and', 'or', 'unless'].flatMap((op) => [`warm_gauge ${op} ignoring (code) warm_total`, `warm_gauge ${op} on (job) warm_gauge{zone="a"}`]),
    ...OTHERS,
  ];
}

/** Paths of look-ups of the same series: label sets, names and values, as the menus of dashboards ask for them. */
export function warmUpLookups(): readonly string[] {
  const matching = ['{job="api"}', 'warm_total{instance=~"host-[0-9]"}', '{__name__=~"warm_.*",zone!="b"}'].map((selector) => `match[]=${encodeURIComponent(selector)}`);
  return [
    ...matching.flatMap((match) => [`/api/v1/series?${match}`, `/api/v1/label/instance/values?${match}`]),
    '/api/v1/labels', '/api/v1/label/__name__/values', '/api/v1/label/instance/values',
  ];
}

const SELECTORS = ['warm_gauge', 'warm_total', 'warm_bucket', 'warm_native', 'warm_custom', 'warm_gauge{job!="web"}', 'warm_total{instance=~"host-[0-4]"}', 'warm_gauge{job=~"api|web",zone!~"b.*"}', 'warm_gauge{missing=""}', 'warm_pods{pod=~".+"}', 'warm_odd', 'warm_mixed'];
const OVER_FLOATS = [
  'rate', 'increase', 'irate', 'delta', 'idelta', 'deriv', 'changes', 'resets', 'avg_over_time', 'min_over_time', 'max_over_time', 'sum_over_time', 'count_over_time', 'stddev_over_time', 'last_over_time',
  'present_over_time', 'absent_over_time', 'first_over_time', 'stdvar_over_time', 'mad_over_time', 'ts_of_max_over_time',
];
const OVER_SUBQUERIES = ['last_over_time', 'rate', 'avg_over_time', 'delta', 'sum_over_time', 'changes', 'count_over_time'];
const OVER_HISTOGRAMS = ['rate', 'increase', 'irate', 'delta', 'sum_over_time', 'avg_over_time', 'last_over_time', 'count_over_time', 'changes'];
const OF_VECTORS = ['abs', 'ceil', 'floor', 'exp', 'ln', 'log2', 'sqrt', 'sgn', 'round', 'timestamp', 'absent', 'sort', 'sort_desc', 'hour', 'deg', 'tanh', '-'];
const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^'];
const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];
const OTHERS = [
  'histogram_quantile(0.9, sum by (job, le) (rate(warm_bucket[5m])))', 'histogram_quantile(0.5, warm_bucket)', 'histogram_quantile(0.99, sum by (job) (rate(warm_native[5m])))', 'histogram_quantile(0.9, rate(warm_custom[5m]))',
  'histogram_fraction(0, 0.5, sum by (job) (rate(warm_native[5m])))', 'histogram_count(warm_native)', 'histogram_sum(increase(warm_native[5m]))', 'histogram_avg(warm_native)', 'histogram_stddev(warm_native)',
  'sum by (job) (warm_native)', 'avg by (job) (warm_custom)', 'warm_native * 2', 'warm_native - warm_native offset 1m', 'count(warm_native)', 'warm_native == warm_native',
  'topk by (job) (2, warm_gauge)', 'bottomk(3, warm_gauge)', 'quantile by (zone) (0.9, warm_gauge)', 'count_values("value", round(warm_gauge))', 'quantile_over_time(0.7, warm_gauge[5m])',
  'label_replace(warm_gauge, "host", "$1", "instance", "host-(.*)")', 'label_join(warm_gauge, "place", "/", "job", "zone")', 'predict_linear(warm_gauge[5m], 600)', 'clamp(warm_gauge, 15, 25)',
  'clamp_min(warm_gauge, 15)', 'scalar(sum(warm_total)) + vector(1)', 'warm_total / on (job) group_left () sum by (job) (warm_total)', 'sum(rate(warm_total[5m])) by (job) / sum(rate(warm_total[5m])) by (job)',
  'sum(warm_gauge) by (job) > 3 and sum(warm_total) by (job) > 5', 'rate(warm_total[5m] @ end())', 'warm_gauge @ start()', 'time() - warm_gauge', 'day_of_week()', 'absent(nothing{job="api"})', 'sum(warm_gauge)', 'vector(1)',
  'warm_odd * 2', 'warm_odd > 0', 'max_over_time(warm_odd[5m])', 'stddev_over_time(warm_odd[5m])', 'sum(warm_mixed)', 'warm_mixed > 3', 'warm_mixed * on (job) group_left () sum by (job) (warm_gauge)',
  '(warm_gauge > 20) unless on (job) (warm_pods * 2)', 'sum_over_time(warm_pods[3m])', 'quantile by (job) (0.5, abs(warm_gauge) > 20)', 'histogram_quantile(0.5, sum by (job, le) (warm_bucket)) > bool 0.2',
  'topk(2, avg_over_time(warm_gauge[5m])) or sum by (job) (warm_total)', 'avg_over_time((warm_gauge and on (job, instance) warm_total)[5m:30s])', 'irate((stddev by (job) (warm_total))[5m:])', '(warm_total atan2 ignoring (code) warm_gauge) == bool 1',
  'warm_native + warm_native', 'warm_native / 2', '-warm_native', 'warm_native and on (job) warm_gauge', 'warm_native or warm_gauge', 'warm_custom unless on (instance) warm_native{job="api"}', 'warm_native * on (job, instance) warm_gauge',
  'sum without (instance) (warm_native)', 'avg(warm_mixed)', 'sum by (job) (rate(warm_mixed[5m]))', 'histogram_stddev(rate(warm_custom[5m]))', 'histogram_fraction(0, 2, warm_native)', 'warm_mixed + 1',
  'topk by (job) (1, warm_gauge * 2)', 'bottomk without (instance) (2, abs(warm_gauge))', 'topk (3, avg_over_time(warm_gauge[2m]))', 'count(limitk(2, warm_total))', 'double_exponential_smoothing(warm_gauge[5m], 0.3, 0.6)',
  'quantile by (nothing) (1.5, warm_gauge)', 'quantile without (instance) (0, warm_total)', 'hour(warm_total * 1000)', 'warm_gauge offset -30s', 'timestamp(sum by (job) (warm_gauge))', 'predict_linear(warm_total[10m], 600)',
];
