import type { RandomTelemetry } from '../integrations/random-telemetry.js';

type Random = Pick<RandomTelemetry, 'next' | 'int' | 'pick'>;

const RANGE_FUNCTIONS = [
  'rate', 'increase', 'irate', 'delta', 'idelta', 'deriv', 'changes', 'resets', 'avg_over_time', 'min_over_time', 'max_over_time', 'sum_over_time', 'count_over_time', 'stddev_over_time',
  'stdvar_over_time', 'last_over_time', 'first_over_time', 'present_over_time', 'mad_over_time', 'ts_of_max_over_time', 'ts_of_min_over_time', 'ts_of_last_over_time', 'absent_over_time',
] as const;
const VECTOR_FUNCTIONS = ['abs', 'ceil', 'floor', 'exp', 'ln', 'sqrt', 'sgn', 'round', 'timestamp', 'absent', 'sort', 'deg', 'tanh', 'histogram_count', 'histogram_sum', 'histogram_avg', 'histogram_stddev'] as const;
const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'] as const;
const OPERATORS = ['+', '-', '*', '/', '%', '^', 'atan2', '==', '!=', '>', '<', '>=', '<=', '> bool', '== bool'] as const;

/** A query of the given depth over the names of `randomSeries`. */
export function randomQuery(random: Random, depth = 1 + random.int(3)): string {
  if (depth <= 0) return selector(random);
  switch (random.int(12)) {
    case 0: return `${random.pick(AGGREGATIONS)}${grouping(random)}(${randomQuery(random, depth - 1)})`;
    case 1: return `${random.pick(RANGE_FUNCTIONS)}(${bare(random)}[${duration(random)}]${modifier(random)})`;
    case 2: return `${random.pick(RANGE_FUNCTIONS)}((${randomQuery(random, depth - 1)})[${random.pick(['5m', '10m'])}:${random.pick(['', '30s', '1m'])}])`;
    case 3: return `${random.pick(VECTOR_FUNCTIONS)}(${randomQuery(random, depth - 1)})`;
    case 4: return `${randomQuery(random, depth - 1)} ${random.pick(OPERATORS)} ${random.pick(['2', '0.5', '-1', 'time()', '1e3'])}`;
    case 5: return `(${randomQuery(random, depth - 1)}) ${random.pick(OPERATORS)}${random.pick(['', ' on (job, instance)', ' ignoring (code)', ' on (job)'])} (${randomQuery(random, depth - 1)})`;
    case 6: return `(${randomQuery(random, depth - 1)}) ${random.pick(['and', 'or', 'unless'])}${random.pick(['', ' on (job)', ' ignoring (zone)'])} (${randomQuery(random, depth - 1)})`;
    // Of equal values any may be taken, so these have none.
    case 7: return `${random.pick(['topk', 'bottomk'])}${grouping(random)}(${1 + random.int(3)}, ${random.pick(['temperature', 'temperature * 2', 'avg_over_time(temperature[5m])', 'abs(temperature)'])})`;
    case 8: return `quantile${grouping(random)}(${random.pick(['0', '0.5', '0.9', '1', '1.5', 'NaN'])}, ${randomQuery(random, depth - 1)})`;
    case 9: return random.pick([
      `histogram_quantile(${random.pick(['0.5', '0.99', '0'])}, sum by (job, le) (rate(latency_bucket[5m])))`, `histogram_quantile(0.9, rate(${random.pick(['native_seconds', 'custom_seconds'])}[${duration(random)}]))`,
      `histogram_fraction(0, ${random.pick(['0.5', '2'])}, sum by (job) (rate(native_seconds[5m])))`, `sum by (job) (native_seconds)`, 'rate(native_seconds[2m]) * 2', 'histogram_quantile(0.5, latency_bucket)', 'native_seconds - native_seconds offset 1m',
      'avg_over_time(custom_seconds[3m])', 'histogram_sum(increase(native_seconds[5m]))',
    ]);
    case 10: return random.pick([
      `label_replace(${selector(random)}, "dst", "$1-x", "instance", "h(.*)")`, `label_join(${selector(random)}, "dst", "-", "job", "zone")`, `count_values${grouping(random)}("v", round(temperature, 10))`,
      `predict_linear(temperature[${duration(random)}], 600)`, `quantile_over_time(0.7, temperature[${duration(random)}])`, `clamp(${selector(random)}, 1, 50)`, 'scalar(sum(requests_total)) + vector(1)', `double_exponential_smoothing(temperature[5m], 0.3, 0.6)`,
      'requests_total / on (job) group_left () sum by (job) (requests_total)', 'sum without (instance, code) (rate(requests_total[2m]))', 'count(limitk(2, requests_total))', 'absent(nothing{a="b"})', '-requests_total', 'hour(requests_total * 1000)', 'day_of_week()', 'rate(requests_total[5m] @ end())', 'temperature @ start()',
      'count_values("v", odd)', 'sort_desc(timestamp(requests_total @ start()))', 'topk(scalar(count(odd)), temperature @ end())', 'sum by (__name__) (temperature offset 1m or temperature * 2)', 'histogram_count(sum(custom_seconds))', 'label_join(temperature, "", "-")',
    ]);
    default: return selector(random);
  }
}

function selector(random: Random): string {
  return `${bare(random)}${random.next() < 0.15 ? random.pick([' offset 1m', ' offset -30s', ' offset 5m']) : ''}`;
}

function bare(random: Random): string {
  const name = random.pick(['temperature', 'requests_total', 'latency_count', 'latency_bucket', 'native_seconds', 'custom_seconds', 'pods', 'odd', 'mixed', 'temperature', 'requests_total']);
  const matchers = random.pick(['', '', '{job="api"}', '{job!="db"}', '{instance=~"h[01]"}', '{job=~"api|web",zone!~"b.*"}', '{missing=""}', '{pod=~".+"}']);
  return name + matchers;
}

function modifier(random: Random): string {
  return random.next() < 0.1 ? random.pick([' offset 1m', ' @ start()']) : '';
}

function duration(random: Random): string {
  return random.pick(['1m', '2m', '5m', '10m', '47s']);
}

function grouping(random: Random): string {
  return random.pick([' ', ' by (job) ', ' by (job, zone) ', ' without (instance) ', ' by (nothing) ', ' by (le, job) ']);
}
