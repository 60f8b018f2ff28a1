import { labelValue, labelsKey } from '../../labels/labels.js';
import type { Range } from '../ast.js';
import { formatValue } from '../number-text.js';
import type { Evaluation } from '../engine/evaluation.js';
import { dropLabels } from '../engine/labels.js';
import type { Grid, StepSeries } from '../engine/values.js';
import { emptySeries, hasPoints, timeAt } from '../engine/values.js';

/** Classic histograms: quantiles and shares from buckets that are series with the label `le`. */

interface Bucket {
  readonly upperBound: number;
  count: number;
}

interface Histogram {
  readonly series: StepSeries;
  readonly buckets: { readonly upperBound: number; readonly of: StepSeries }[];
}

/** Differences between buckets that are smaller than this share are rounding. */
const TOLERANCE = 1e-12;

export function histogramQuantile(evaluation: Evaluation, series: readonly StepSeries[], quantiles: Float64Array, grid: Grid, quantileRange: Range, vectorRange: Range): Promise<StepSeries[]> {
  const { annotations } = evaluation;
  for (const quantile of new Set(quantiles)) if (Number.isNaN(quantile) || quantile < 0 || quantile > 1) annotations.invalidQuantile(quantile, quantileRange);
  return overBuckets(evaluation, series, grid, vectorRange, (buckets, step, name) => {
    const { value, forced } = bucketQuantile(quantiles[step] ?? NaN, buckets);
    if (forced !== null) annotations.forcedMonotonicity(name, vectorRange, timeAt(grid, step), forced.minBucket, forced.maxBucket, forced.maxDiff);
    return value;
  });
}

/** The label's value for each quantile, as OpenMetrics writes a number: `0.5`, `1.0`. */
export function quantileText(quantile: number): string {
  const text = formatValue(quantile);
  return /[.eIN]/.test(text) ? text : `${text}.0`;
}

export function histogramFraction(evaluation: Evaluation, series: readonly StepSeries[], lowers: Float64Array, uppers: Float64Array, grid: Grid, vectorRange: Range): Promise<StepSeries[]> {
  return overBuckets(evaluation, series, grid, vectorRange, (buckets, step) => bucketFraction(lowers[step] ?? NaN, uppers[step] ?? NaN, buckets));
}

async function overBuckets({ annotations, turns }: Evaluation, series: readonly StepSeries[], grid: Grid, range: Range, compute: (buckets: Bucket[], step: number, name: string) => number): Promise<StepSeries[]> {
  const histograms = new Map<string, Histogram>();
  for (const one of series) {
    const le = labelValue(one.labels, 'le');
    const upperBound = boundOf(le);
    if (upperBound === null) {
      annotations.badBucketLabel(labelValue(one.labels, '__name__'), le, range);
      continue;
    }
    const labels = dropLabels(one.labels, new Set(['le']));
    const key = labelsKey(labels);
    let histogram = histograms.get(key);
    if (histogram === undefined) histograms.set(key, (histogram = { series: emptySeries(labels, true, grid.count), buckets: [] }));
    histogram.buckets.push({ upperBound, of: one });
  }
  for (const { series: into, buckets } of histograms.values()) {
    buckets.sort((a, b) => (a.upperBound === b.upperBound ? 0 : a.upperBound < b.upperBound ? -1 : 1));
    const name = labelValue(into.labels, '__name__');
    for (let step = 0; step < grid.count; step++) {
      const at: Bucket[] = [];
      for (const { upperBound, of } of buckets) if (of.present[step] === 1) at.push({ upperBound, count: of.values[step] ?? NaN });
      if (at.length === 0) continue;
      into.values[step] = compute(at, step, name);
      into.present[step] = 1;
      if (turns.due(buckets.length * 2)) await turns.turn();
    }
  }
  return [...histograms.values()].map(({ series: into }) => into).filter(hasPoints);
}

function boundOf(le: string): number | null {
  if (/^\+?inf(inity)?$/i.test(le)) return Infinity;
  if (/^-inf(inity)?$/i.test(le)) return -Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(le) ? Number(le) : null;
}

interface Forced { minBucket: number; maxBucket: number; maxDiff: number }

/** `buckets` are cumulative, by ascending bound. */
function bucketQuantile(quantile: number, buckets: readonly Bucket[]): { value: number; forced: Forced | null } {
  if (Number.isNaN(quantile)) return { value: NaN, forced: null };
  if (quantile < 0) return { value: -Infinity, forced: null };
  if (quantile > 1) return { value: Infinity, forced: null };
  if (buckets.at(-1)?.upperBound !== Infinity) return { value: NaN, forced: null };
  const whole = coalesced(buckets);
  const forced = makeMonotonic(whole);
  const [last, beforeLast] = [whole.at(-1), whole.at(-2)];
  if (last === undefined || beforeLast === undefined || last.count === 0) return { value: NaN, forced };
  let rank = quantile * last.count;
  let at = 0;
  // A NaN count is never reached, then the last bucket holds the rank.
  while (at < whole.length - 1 && !((whole[at]?.count ?? NaN) >= rank)) at++;
  const bucket = whole[at] ?? last;
  if (at === whole.length - 1) return { value: beforeLast.upperBound, forced };
  if (at === 0 && bucket.upperBound <= 0) return { value: bucket.upperBound, forced };
  const below = at > 0 ? whole[at - 1] : undefined;
  const start = below?.upperBound ?? 0;
  const count = bucket.count - (below?.count ?? 0);
  rank -= below?.count ?? 0;
  return { value: start + (bucket.upperBound - start) * (rank / count), forced };
}

function coalesced(buckets: readonly Bucket[]): Bucket[] {
  const whole: Bucket[] = [];
  for (const { upperBound, count } of buckets) {
    const last = whole.at(-1);
    if (last?.upperBound === upperBound) last.count += count;
    else whole.push({ upperBound, count });
  }
  return whole;
}

/** Takes out decreases, which come of buckets scraped at different times; tiny differences silently. */
function makeMonotonic(buckets: Bucket[]): Forced | null {
  let forced: Forced | null = null;
  let previous = buckets[0]?.count ?? NaN;
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket;
    if (count === previous) continue;
    if (almostEqual(previous, count)) {
      bucket.count = previous;
    } else if (count < previous) {
      bucket.count = previous;
      forced ??= { minBucket: Infinity, maxBucket: -Infinity, maxDiff: 0 };
      forced.minBucket = Math.min(forced.minBucket, upperBound);
      forced.maxBucket = Math.max(forced.maxBucket, upperBound);
      forced.maxDiff = Math.max(forced.maxDiff, previous - count);
    } else {
      previous = count;
    }
  }
  return forced;
}

function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < Number.MIN_VALUE * 2 ** 52) return difference < TOLERANCE * 2 ** -1022;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

function bucketFraction(lower: number, upper: number, buckets: readonly Bucket[]): number {
  if (buckets.at(-1)?.upperBound !== Infinity) return NaN;
  const whole = coalesced(buckets);
  const count = whole.at(-1)?.count ?? 0;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, whole, count) - rankOf(lower, whole, count)) / count;
}

/** Observations at or below a value, linear within a bucket. */
function rankOf(value: number, buckets: readonly Bucket[], count: number): number {
  let rank = 0;
  let lowerBound = (buckets[0]?.upperBound ?? 0) <= 0 ? -Infinity : 0;
  for (const bucket of buckets) {
    if (lowerBound >= value) return Math.min(rank, count);
    if (bucket.upperBound > value) {
      const within = lowerBound === -Infinity ? bucket.count : rank + ((bucket.count - rank) * (value - lowerBound)) / (bucket.upperBound - lowerBound);
      return within > count ? count : within;
    }
    rank = bucket.count;
    lowerBound = bucket.upperBound;
  }
  return count;
}
