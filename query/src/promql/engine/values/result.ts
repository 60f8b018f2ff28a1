import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../../event-loop.js';
import { compareLabels, labelsKey } from '../../../labels/labels.js';
import { sortedInTurns } from '../../../sorted-in-turns.js';
import { PromQLExecutionError } from '../../error.js';
import { LABELS_WORK, withoutMetadata } from './labels.js';
import { extendedSamples } from '../../functions/extended/extended.js';
import type { Grid, RangeSeries, RangeVectors, StepSeries, Value } from './values.js';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, hasPoints, histogramAt, isRange, timeAt, withLabels } from './values.js';

export interface ResultSeries {
  readonly labels: Labels;
  /** Series with a point at every step share one list. */
  readonly timesMs: Float64Array;
  /** NaN where `histograms` has the sample. */
  readonly values: Float64Array;
  /** Null where there are floats alone. */
  readonly histograms: readonly (NativeHistogram | null)[] | null;
}

/** What a query answers. A vector has one point per series. */
export type Result =
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
  | { readonly type: 'vector'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] };

export async function instantResult(value: Value, grid: Grid, turns: Turns): Promise<Result> {
  const timeMs = grid.startMs;
  if (value.type === 'scalar') return { type: 'scalar', timeMs, value: value.values[0] ?? NaN };
  if (value.type === 'string') return { type: 'string', timeMs, value: value.value };
  return { type: 'vector', series: await pointsOf(value.series, grid, turns) };
}

/** In order of labels. A scalar becomes a series without labels. */
export async function rangeResult(value: Value, grid: Grid, turns: Turns): Promise<Result> {
  if (value.type === 'string') throw new PromQLExecutionError('invalid expression type "string" for range query, must be Scalar or instant Vector');
  if (value.type === 'scalar') {
    const present = new Uint8Array(grid.count).fill(1);
    return { type: 'matrix', series: [points(SeriesBuilder.of([], false, value.values, present, null), timesOf(grid))] };
  }
  const series = await pointsOf(value.series, grid, turns);
  return { type: 'matrix', series: await sortedInTurns(series, (a, b) => compareLabels(a.labels, b.labels), turns) };
}

/** The raw samples that an instant query for a range vector answers. */
export function matrixResult(ranges: RangeVectors): Result {
  const found = ranges.series.map((one) => ({ labels: one.dropName ? withoutMetadata(one.labels) : one.labels, ...samplesWithin(one, ranges) }));
  return { type: 'matrix', series: found.filter(({ values }) => values.length > 0).sort((a, b) => compareLabels(a.labels, b.labels)) };
}

function samplesWithin(series: RangeSeries, { rangeMs, endsMs, extension, reachMs }: RangeVectors): Omit<ResultSeries, 'labels'> {
  const endMs = endsMs[0] ?? 0;
  const { timesMs, values, histograms } = series;
  if (extension !== null) {
    if (histograms !== null) throw new PromQLExecutionError(`${extension} modifier is not supported with histograms`);
    const shown = extendedSamples(series, endMs - rangeMs, endMs, reachMs, extension);
    return { timesMs: Float64Array.from(shown.timesMs), values: Float64Array.from(shown.values), histograms: null };
  }
  const at: number[] = [];
  timesMs.forEach((time, i) => { if (time > endMs - rangeMs && time <= endMs) at.push(i); });
  return {
    timesMs: Float64Array.from(at, (i) => timesMs[i] ?? 0),
    values: Float64Array.from(at, (i) => ((histograms?.[i] ?? null) === null ? values[i] ?? NaN : NaN)),
    histograms: histograms === null ? null : at.map((i) => histograms[i] ?? null),
  };
}

/** Changes series and joins those with equal labels then. Throws where both have a point at one time. */
export async function mergeSame(series: readonly StepSeries[], change: (series: StepSeries) => StepSeries, turns: Turns): Promise<StepSeries[]> {
  const byLabels = new Map<string, StepSeries>();
  for (const before of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    const one = change(before);
    const key = labelsKey(one.labels);
    const other = byLabels.get(key);
    if (other === undefined) {
      byLabels.set(key, one);
      continue;
    }
    const merged = SeriesBuilder.empty(one.labels, other.dropName, one.present.length);
    for (let step = 0; step < one.present.length; step++) {
      if (one.present[step] !== ABSENT && other.present[step] !== ABSENT) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
      merged.copy(step, one.present[step] === ABSENT ? other : one);
    }
    byLabels.set(key, merged);
  }
  return [...byLabels.values()];
}

/** Takes the names that are to go, and joins series that are the same then. */
async function pointsOf(series: readonly StepSeries[], grid: Grid, turns: Turns): Promise<ResultSeries[]> {
  const byLabels = new Map<string, StepSeries[]>();
  for (const before of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    const one = before.dropName ? withLabels(before, withoutMetadata(before.labels), true) : before;
    const key = labelsKey(one.labels);
    const same = byLabels.get(key);
    if (same === undefined) byLabels.set(key, [one]);
    else same.push(one);
  }
  const found: ResultSeries[] = [];
  const timesMs = timesOf(grid);
  for (const same of byLabels.values()) {
    const [one] = same;
    if (one === undefined || !same.some(hasPoints)) continue;
    found.push(same.length === 1 ? points(one, timesMs) : pointsOfSame(same, timesMs, isRange(grid)));
    if (turns.due(grid.count * same.length)) await turns.turn();
  }
  return found;
}

/**
 * The points of series with equal labels. Throws where two have floats, or histograms, at one time; of a range a float and a histogram
 * both stay, as Prometheus has them in two lists, else the histogram.
 */
function pointsOfSame(same: readonly StepSeries[], stepsMs: Float64Array, range: boolean): ResultSeries {
  const found: { timeMs: number; value: number; histogram: NativeHistogram | null }[] = [];
  for (const [step, timeMs] of stepsMs.entries()) {
    for (const kind of [HISTOGRAM, FLOAT]) {
      const there = same.filter(({ present }) => present[step] === kind);
      if (there.length > 1) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
      const [one] = there;
      if (one === undefined || (!range && found.length > 0)) continue;
      const histogram = histogramAt(one, step);
      found.push({ timeMs, value: histogram === null ? one.values[step] ?? NaN : NaN, histogram });
    }
  }
  const histograms = found.map(({ histogram }) => histogram);
  return {
    labels: same[0]?.labels ?? [], timesMs: Float64Array.from(found, ({ timeMs }) => timeMs), values: Float64Array.from(found, ({ value }) => value),
    histograms: histograms.some((histogram) => histogram !== null) ? histograms : null,
  };
}

function timesOf(grid: Grid): Float64Array {
  const times = new Float64Array(grid.count);
  for (let step = 0; step < times.length; step++) times[step] = timeAt(grid, step);
  return times;
}

/** `stepsMs`: the times of all steps. */
function points(series: StepSeries, stepsMs: Float64Array): ResultSeries {
  const { labels, values, present } = series;
  let count = 0;
  let natives = false;
  for (const there of present) {
    if (there !== ABSENT) count++;
    if (there === HISTOGRAM) natives = true;
  }
  if (count === present.length && !natives) return { labels, timesMs: stepsMs, values, histograms: null };
  const timesMs = new Float64Array(count);
  const found = new Float64Array(count);
  const histograms: (NativeHistogram | null)[] | null = natives ? [] : null;
  let at = 0;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === ABSENT) continue;
    timesMs[at] = stepsMs[step] as number;
    found[at++] = present[step] === HISTOGRAM ? NaN : values[step] as number;
    histograms?.push(histogramAt(series, step));
  }
  return { labels, timesMs, values: found, histograms };
}
