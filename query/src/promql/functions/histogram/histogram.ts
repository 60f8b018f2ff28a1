import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { labelValue, labelsKey } from '../../../labels/labels.js';
import type { Range } from '../../ast.js';
import type { Evaluation } from '../../engine/evaluation.js';
import { LABELS_WORK, dropLabels } from '../../engine/values/labels.js';
import type { Grid, StepSeries } from '../../engine/values/values.js';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, hasPoints, histogramAt, timeAt } from '../../engine/values/values.js';
import { nativeFraction, nativeQuantile } from '../../histogram/quantile.js';
import { formatValue } from '../../numbers/number-text.js';
import type { ClassicBucket } from './classic-buckets.js';
import { boundOf, bucketFraction, bucketQuantile } from './classic-buckets.js';

/** A classic histogram, a native one, or both at different steps. */
interface Histogram {
  readonly result: SeriesBuilder;
  readonly buckets: { readonly upperBound: number; readonly of: StepSeries }[];
  native: StepSeries | null;
}

interface Kernels {
  classic(buckets: ClassicBucket[], step: number, name: string): number;
  native(histogram: NativeHistogram, step: number, name: string): number;
}

/** `nativeRange`: what notes about native histograms point at. `tellForced`: whether buckets that had to be fixed are told. */
export async function histogramQuantile(evaluation: Evaluation, series: readonly StepSeries[], quantiles: Float64Array, grid: Grid, quantileRange: Range, vectorRange: Range, nativeRange: Range, tellForced = true): Promise<StepSeries[]> {
  const { annotations } = evaluation;
  for (const quantile of new Set(quantiles)) if (Number.isNaN(quantile) || quantile < 0 || quantile > 1) annotations.invalidQuantile(quantile, quantileRange);
  return overHistograms(evaluation, series, grid, vectorRange, {
    classic(buckets, step, name) {
      const { value, forced } = bucketQuantile(quantiles[step] ?? NaN, buckets);
      if (forced !== null && tellForced) annotations.forcedMonotonicity(name, vectorRange, timeAt(grid, step), forced.minBucket, forced.maxBucket, forced.maxDiff);
      return value;
    },
    native(histogram, step, name) {
      const { value, nan } = nativeQuantile(quantiles[step] ?? NaN, histogram);
      if (nan !== null) annotations.quantileOfNaN(nan, name, nativeRange);
      return value;
    },
  });
}

/** The label's value for each quantile, as OpenMetrics writes a number: `0.5`, `1.0`. */
export function quantileText(quantile: number): string {
  const text = formatValue(quantile);
  return /[.eIN]/.test(text) ? text : `${text}.0`;
}

export async function histogramFraction(evaluation: Evaluation, series: readonly StepSeries[], lowers: Float64Array, uppers: Float64Array, grid: Grid, vectorRange: Range, nativeRange: Range): Promise<StepSeries[]> {
  return overHistograms(evaluation, series, grid, vectorRange, {
    classic: (buckets, step) => bucketFraction(lowers[step] ?? NaN, uppers[step] ?? NaN, buckets),
    native(histogram, step, name) {
      const { value, nan } = nativeFraction(lowers[step] ?? NaN, uppers[step] ?? NaN, histogram);
      if (nan) evaluation.annotations.fractionOfNaN(name, nativeRange);
      return value;
    },
  });
}

async function overHistograms(evaluation: Evaluation, series: readonly StepSeries[], grid: Grid, range: Range, kernels: Kernels): Promise<StepSeries[]> {
  const histograms = await collected(evaluation, series, grid, range);
  for (const histogram of histograms) {
    histogram.buckets.sort((a, b) => (a.upperBound === b.upperBound ? 0 : a.upperBound < b.upperBound ? -1 : 1));
    const { result, buckets, native } = histogram;
    const name = labelValue(result.labels, '__name__');
    for (let step = 0; step < grid.count; step++) {
      const at: ClassicBucket[] = [];
      for (const { upperBound, of } of buckets) if (of.present[step] === FLOAT) at.push({ upperBound, count: of.values[step] ?? NaN });
      const found = native === null ? null : histogramAt(native, step);
      if (found !== null && at.length > 0) evaluation.annotations.mixedClassicAndNative(name, range);
      else if (found !== null) result.setFloat(step, kernels.native(found, step, name));
      else if (at.length > 0) result.setFloat(step, kernels.classic(at, step, name));
      if (evaluation.turns.due(buckets.length * 2 + 4)) await evaluation.turns.turn();
    }
  }
  return histograms.map(({ result }) => result).filter(hasPoints);
}

/** Classic and native histograms of equal labels together, but for `le`, which a native one may have as any other label. */
async function collected({ annotations, turns }: Evaluation, series: readonly StepSeries[], grid: Grid, range: Range): Promise<Histogram[]> {
  const histograms = new Map<string, Histogram>();
  const of = (labels: StepSeries['labels'], key: string): Histogram => {
    let histogram = histograms.get(key);
    if (histogram === undefined) histograms.set(key, (histogram = { result: SeriesBuilder.empty(labels, true, grid.count), buckets: [], native: null }));
    return histogram;
  };
  for (const one of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    if (one.present.includes(HISTOGRAM)) of(one.labels, labelsKey(one.labels)).native = one;
    if (!one.present.includes(FLOAT)) continue;
    const le = labelValue(one.labels, 'le');
    const upperBound = boundOf(le);
    if (upperBound === null) {
      annotations.badBucketLabel(labelValue(one.labels, '__name__'), le, range);
      continue;
    }
    const labels = dropLabels(one.labels, new Set(['le']));
    of(labels, labelsKey(labels)).buckets.push({ upperBound, of: one });
  }
  return [...histograms.values()];
}

/** A function of native histograms alone: floats are left out. */
export async function overNative({ turns }: Evaluation, series: readonly StepSeries[], compute: (histogram: NativeHistogram) => number): Promise<StepSeries[]> {
  const found: StepSeries[] = [];
  for (const one of series) {
    if (one.histograms === null) continue;
    const result = SeriesBuilder.empty(one.labels, true, one.present.length);
    for (let step = 0; step < one.present.length; step++) {
      if (one.present[step] === ABSENT) continue;
      const histogram = histogramAt(one, step);
      if (histogram !== null) result.setFloat(step, compute(histogram));
    }
    if (hasPoints(result)) found.push(result);
    if (turns.due(one.present.length * 8)) await turns.turn();
  }
  return found;
}
