import { goQuote } from '../go/strconv.js';
import type { Range } from './ast.js';
import { placeOf } from './error.js';
import { formatG, formatTwoDigits } from './numbers/number-text.js';

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

interface ForcedMonotonicity {
  minTimeMs: number;
  maxTimeMs: number;
  minBucket: number;
  maxBucket: number;
  maxDiff: number;
  count: number;
}

/** Warnings and infos of one query, each text once, with the last place that said it (Prometheus' util/annotations). */
export class Annotations {
  readonly #warnings = new Map<string, Range>();
  readonly #infos = new Map<string, Range>();
  readonly #monotonicity = new Map<string, { range: Range; seen: ForcedMonotonicity }>();

  constructor(readonly query: string) {}

  warning(text: string, range: Range): void {
    this.#warnings.set(text, range);
  }

  info(text: string, range: Range): void {
    this.#infos.set(text, range);
  }

  invalidQuantile(quantile: number, range: Range): void {
    this.warning(`quantile value should be between 0 and 1, got ${formatG(quantile)}`, range);
  }

  badBucketLabel(metricName: string, label: string, range: Range): void {
    this.warning(`bucket label "le" is missing or has a malformed value of ${goQuote(label)}${named(metricName)}`, range);
  }

  possibleNonCounter(metricName: string, range: Range): void {
    this.info(`metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${goQuote(metricName)}`, range);
  }

  /** Where series have the label __type__ and it names no counter. */
  possibleNonCounterType(metricName: string, type: string, range: Range): void {
    this.info(`metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${goQuote(type)}: ${goQuote(metricName)}`, range);
  }

  invalidRatio(ratio: number, capped: number, range: Range): void {
    this.warning(`ratio value should be between -1 and 1, got ${formatG(ratio)}, capping to ${formatG(capped)}`, range);
  }

  mixedFloatsAndHistograms(metricName: string, range: Range): void {
    this.warning(`encountered a mix of histograms and floats for metric name ${goQuote(metricName)}`, range);
  }

  mixedInAggregation(range: Range): void {
    this.warning('encountered a mix of histograms and floats for aggregation', range);
  }

  mixedClassicAndNative(metricName: string, range: Range): void {
    this.warning(`vector contains a mix of classic and native histograms${named(metricName)}`, range);
  }

  mixedSchemas(metricName: string, range: Range): void {
    this.warning(`vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${goQuote(metricName)}`, range);
  }

  nativeNotCounter(metricName: string, range: Range): void {
    this.warning(`this native histogram metric is not a counter: ${goQuote(metricName)}`, range);
  }

  nativeNotGauge(metricName: string, range: Range): void {
    this.warning(`this native histogram metric is not a gauge: ${goQuote(metricName)}`, range);
  }

  incompatibleLayout(operator: string, range: Range): void {
    this.warning(`incompatible bucket layout encountered for binary operator ${operator}`, range);
  }

  counterResetCollision(operation: HistogramOperation, range: Range): void {
    this.warning(`conflicting counter resets during histogram ${operation}`, range);
  }

  boundsReconciled(operation: HistogramOperation, range: Range): void {
    this.info(`mismatched custom buckets were reconciled during ${operation}`, range);
  }

  incompatibleTypes(left: 'float' | 'histogram', operator: string, right: 'float' | 'histogram', range: Range): void {
    this.info(`incompatible sample types encountered for binary operator ${JSON.stringify(operator)}: ${left} ${operator} ${right}`, range);
  }

  histogramIgnoredInAggregation(aggregation: string, range: Range): void {
    this.info(`ignored histogram in ${aggregation} aggregation`, range);
  }

  histogramIgnoredInMixedRange(metricName: string, range: Range): void {
    this.info(`ignored histograms in a range containing both floats and histograms for metric name ${goQuote(metricName)}`, range);
  }

  quantileOfNaN(outcome: 'result' | 'skew', metricName: string, range: Range): void {
    this.info(`input to histogram_quantile has NaN observations, result is ${outcome === 'result' ? 'NaN' : 'skewed higher'}${named(metricName)}`, range);
  }

  fractionOfNaN(metricName: string, range: Range): void {
    this.info(`input to histogram_fraction has NaN observations, which are excluded from all fractions${named(metricName)}`, range);
  }

  sortInRangeQuery(range: Range): void {
    this.warning('sort is ineffective for range queries since results are always ordered by labels', range);
  }

  forcedMonotonicity(metricName: string, range: Range, timeMs: number, minBucket: number, maxBucket: number, maxDiff: number): void {
    const text = `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${named(metricName)}`;
    const known = this.#monotonicity.get(text);
    if (known === undefined) {
      this.#monotonicity.set(text, { range, seen: { minTimeMs: timeMs, maxTimeMs: timeMs, minBucket, maxBucket, maxDiff, count: 1 } });
      return;
    }
    const { seen } = known;
    known.range = range;
    seen.minTimeMs = Math.min(seen.minTimeMs, timeMs);
    seen.maxTimeMs = Math.max(seen.maxTimeMs, timeMs);
    seen.minBucket = Math.min(seen.minBucket, minBucket);
    seen.maxBucket = Math.max(seen.maxBucket, maxBucket);
    seen.maxDiff = Math.max(seen.maxDiff, maxDiff);
    seen.count++;
  }

  get warnings(): string[] {
    return [...this.#warnings].map(([text, range]) => `PromQL warning: ${text} (${placeOf(this.query, range.start)})`);
  }

  get infos(): string[] {
    const plain = [...this.#infos].map(([text, range]) => `PromQL info: ${text} (${placeOf(this.query, range.start)})`);
    const fixed = [...this.#monotonicity].map(([text, { range, seen }]) => `PromQL info: ${text}, from buckets ${formatG(seen.minBucket)} to ${formatG(seen.maxBucket)}, `
      + `with a max diff of ${formatTwoDigits(seen.maxDiff)}, over ${seen.count} samples from ${second(seen.minTimeMs)} to ${second(seen.maxTimeMs)} (${placeOf(this.query, range.start)})`);
    return [...plain, ...fixed];
  }
}

function named(metricName: string): string {
  return metricName === '' ? '' : ` for metric name ${goQuote(metricName)}`;
}

function second(timeMs: number): string {
  return `${new Date(Math.floor(timeMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
