import type { Labels } from '@signalbox/signals/prometheus/types';
import { compareLabels } from '../../../labels/labels.js';
import { sortedInTurns } from '../../../sorted-in-turns.js';
import type { Matcher, Series } from '../../../readers.js';
import { LimitExceeded } from '../../../readers.js';
import type { At, MatrixSelector, VectorSelector } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { hinted, seriesOf, withHints } from '../../histogram/hints.js';
import { isStaleAt, wordsOf } from '../../numbers/stale.js';
import type { Evaluation } from '../evaluation.js';
import { HISTOGRAM_SAMPLES, tooManySamples } from '../evaluation.js';
import { labelsText } from '../values/labels.js';
import type { Rows } from '../values/rows.js';
import { allRows } from '../values/rows.js';
import type { Grid, RangeSeries, RangeVectors, SeriesBuilder, StepSeries } from '../values/values.js';
import { FLOAT, rangeSeries } from '../values/values.js';
import { ReadSeries } from './read-series.js';
import { smoothedVector } from './smoothed.js';

/** The time that a selector looks at, at each step: its own with `@`, less its offset. `ofRange`: it selects a range. */
export function lookTimes(evaluation: Evaluation, grid: Grid, at: At | null, offsetMs: number, ofRange = false): Float64Array {
  const fixed = at === null ? null : at.kind === 'time' ? at.timeMs : evaluation.inParameter ? null : at.kind === 'start' ? evaluation.startMs : evaluation.endMs;
  // What is not evaluated once moves on with the steps, from its time on.
  const moves = fixed === null || (evaluation.inParameter && !ofRange);
  const first = fixed ?? grid.startMs;
  const times = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) times[step] = (moves ? first + step * grid.stepMs : first) - offsetMs;
  return times;
}

/** What a selector's samples are taken for: their values, or their own times in seconds; `floats`: values, and there may be no histograms. */
type Taken = 'values' | 'times' | 'floats';

/** The last sample of each series at each step that is younger than the lookback and no stale marker. */
export async function selectVector(evaluation: Evaluation, grid: Grid, selector: VectorSelector, taken: Taken = 'values'): Promise<StepSeries[]> {
  const found = await allRows(evaluation.turns, grid, await vectorRows(evaluation, grid, selector, taken));
  // Prometheus does not count what it interpolates.
  if (selector.extension !== 'smoothed') evaluation.counts?.vector(found, { fixed: selector.at !== null, bare: evaluation.tellsResets });
  return found;
}

/** The same, of which each series is looked at when it is asked for. What is read is not counted by step. */
export async function vectorRows(evaluation: Evaluation, grid: Grid, selector: VectorSelector, taken: Taken = 'values'): Promise<Rows> {
  const looks = lookTimes(evaluation, grid, selector.at, evaluation.offsetMs(selector.offsetMs));
  const { lookbackMs } = evaluation.options;
  // What is read ends where `@` says, even where it moves on from there.
  const [first, last] = [looks[0] ?? 0, looks[selector.at?.kind === 'time' ? 0 : grid.count - 1] ?? 0];
  const read = await readSeries(evaluation, selector.matchers, first - lookbackMs + 1, selector.extension === 'smoothed' ? last + lookbackMs : last);
  return new VectorRows(evaluation, selector, read, looks, taken);
}

class VectorRows implements Rows {
  readonly mixed: boolean;

  constructor(readonly evaluation: Evaluation, readonly selector: VectorSelector, readonly read: readonly ReadSeries[], readonly looks: Float64Array, readonly taken: Taken) {
    this.mixed = read.some(({ histograms }) => histograms !== null);
  }

  get count(): number {
    return this.read.length;
  }

  labels(index: number): Labels {
    return this.#series(index).labels;
  }

  dropName(): boolean {
    return false;
  }

  fill(index: number, row: SeriesBuilder): undefined {
    const { evaluation: { options: { lookbackMs }, annotations }, selector, looks, taken } = this;
    if (selector.extension === 'smoothed') smoothedVector(withoutStale(this.#series(index)), looks, lookbackMs, annotations, selector.range, row);
    else lastSamples(this.#series(index), looks, lookbackMs, taken, row);
  }

  work(index: number): number {
    return this.looks.length + this.#series(index).count;
  }

  found({ present, histograms }: StepSeries): void {
    this.evaluation.holdSteps(present.length, histograms !== null);
  }

  #series(index: number): ReadSeries {
    return this.read[index] as ReadSeries;
  }
}

function lastSamples({ labels, timesMs, values, histograms }: ReadSeries, looks: Float64Array, lookbackMs: number, taken: Taken, row: SeriesBuilder): void {
  if (histograms === null && taken !== 'times') {
    lastFloats(timesMs, values, looks, lookbackMs, row);
    return;
  }
  let words: Uint32Array | null = null;
  const { length } = timesMs;
  let next = 0;
  for (let step = 0; step < looks.length; step++) {
    const look = looks[step] as number;
    while (next < length && (timesMs[next] as number) <= look) next++;
    if (next === 0 || (timesMs[next - 1] as number) <= look - lookbackMs) continue;
    const value = values[next - 1] as number;
    const time = timesMs[next - 1] as number;
    const histogram = histograms === null ? null : histograms[next - 1] ?? null;
    if (histogram === null && value !== value && isStaleAt((words ??= wordsOf(values)), next - 1)) continue;
    if (taken === 'floats' && histogram !== null) throw new PromQLExecutionError(`this should be an info metric, with float samples: ${labelsText(labels)}`);
    if (taken === 'times') row.setFloat(step, time / 1000);
    else if (histogram === null) row.setFloat(step, value);
    else row.setHistogram(step, histogram);
  }
}

/** The same of floats alone, as most series have them. */
function lastFloats(timesMs: Float64Array, values: Float64Array, looks: Float64Array, lookbackMs: number, { values: found, present }: SeriesBuilder): void {
  const { length } = timesMs;
  let words: Uint32Array | null = null;
  let next = 0;
  let nextMs = length > 0 ? timesMs[0] as number : Infinity;
  let lastMs = -Infinity;
  let value = NaN;
  for (let step = 0; step < looks.length; step++) {
    const look = looks[step] as number;
    while (nextMs <= look) {
      lastMs = nextMs;
      value = values[next++] as number;
      nextMs = next < length ? timesMs[next] as number : Infinity;
    }
    if (lastMs <= look - lookbackMs || (value !== value && isStaleAt((words ??= wordsOf(values)), next - 1))) continue;
    found[step] = value;
    present[step] = FLOAT;
  }
}

/** The samples of each series that functions over a range look at. */
export async function selectRange(evaluation: Evaluation, grid: Grid, { selector, rangeMs: range }: MatrixSelector): Promise<RangeVectors> {
  const endsMs = lookTimes(evaluation, grid, selector.at, evaluation.offsetMs(selector.offsetMs), true);
  const rangeMs = evaluation.durationMs(range);
  const { lookbackMs } = evaluation.options;
  const [first, last] = [endsMs[0] ?? 0, endsMs[grid.count - 1] ?? 0];
  // With a modifier the samples next to the window's edges count too.
  const startMs = first - rangeMs + 1 - (selector.extension === null ? 0 : lookbackMs);
  const read = await readSeries(evaluation, selector.matchers, startMs, selector.extension === 'smoothed' ? last + lookbackMs : last);
  const series: RangeSeries[] = [];
  for (const one of read) {
    series.push(withoutStale(one));
    if (evaluation.turns.due(one.count)) await evaluation.turns.turn();
  }
  const ranges: RangeVectors = { series, rangeMs, endsMs, extension: selector.extension, reachMs: lookbackMs };
  evaluation.counts?.windows(ranges, { fixed: selector.at !== null, bare: evaluation.tellsResets }, false);
  return ranges;
}

function withoutStale(series: ReadSeries): RangeSeries {
  const { values } = series;
  const nan = firstNaN(values);
  if (nan === values.length) return series;
  const { labels, timesMs, histograms } = series;
  const words = wordsOf(values);
  let count = 0;
  for (let i = nan; i < values.length; i++) if (isMarker(words, histograms, i)) count++;
  if (count === 0) return series;
  const keptMs = new Float64Array(values.length - count);
  const kept = new Float64Array(values.length - count);
  let to = 0;
  for (let i = 0; i < values.length; i++) {
    if (isMarker(words, histograms, i)) continue;
    keptMs[to] = timesMs[i] as number;
    kept[to++] = values[i] as number;
  }
  return rangeSeries(labels, false, keptMs, kept, histograms?.filter((_, i) => !isMarker(words, histograms, i)) ?? null);
}

function isMarker(words: Uint32Array, histograms: Series['histograms'], index: number): boolean {
  return isStaleAt(words, index) && (histograms === null || (histograms[index] ?? null) === null);
}

/** The index of the first value that is no number, the length where all are. */
function firstNaN(values: Float64Array): number {
  let i = 0;
  while (i < values.length && values[i] === values[i]) i++;
  return i;
}

/** Series that meet the matchers, by their labels. Times in milliseconds, both inclusive. */
export async function readSeries(evaluation: Evaluation, matchers: readonly Matcher[], startMs: number, endMs: number): Promise<ReadSeries[]> {
  const { maxSeries, lookbackMs } = evaluation.options;
  // Where resets are told, the sample before the first one says whether that is one.
  const fromMs = evaluation.tellsResets ? startMs - lookbackMs : startMs;
  let read: readonly Series[];
  try {
    read = await evaluation.reader.select(evaluation.context, { startMs: fromMs, endMs, matchers, maxSeries, maxSamples: evaluation.samplesLeft });
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    if (error.what === 'samples') throw tooManySamples();
    if (error.what === 'series') throw new PromQLExecutionError(`the query would read more than ${error.limit} series; narrow it or raise query.max_series`);
    throw new PromQLExecutionError(error.message);
  }
  evaluation.context.signal.throwIfAborted();
  const found: ReadSeries[] = [];
  let samples = 0;
  for (const series of read) {
    const { histograms } = series;
    const count = series.timesMs.length;
    evaluation.holdRead(count, histograms?.length ?? 0);
    const told = histograms === null ? series : histograms.some((histogram) => histogram !== null) ? withHints(series, evaluation.tellsResets) : seriesOf(series, null);
    const within = fromMs === startMs ? new ReadSeries(told, count) : since(told, startMs);
    samples += within.count;
    if (within.count > 0) found.push(within);
    if (evaluation.turns.due(8 + (histograms?.length ?? 0) * HISTOGRAM_SAMPLES)) await evaluation.turns.turn();
  }
  evaluation.noteRead({ matchers, startMs, endMs, series: read.length, samples });
  return sortedInTurns(found, (a, b) => compareLabels(a.labels, b.labels), evaluation.turns);
}

/** From `startMs` on. The first sample may tell that the counter went on, but not that it was reset. */
function since({ labels, timesMs, values, histograms }: Series, startMs: number): ReadSeries {
  const found = timesMs.findIndex((timeMs) => timeMs >= startMs);
  const from = found < 0 ? timesMs.length : found;
  const kept = histograms?.slice(from) ?? null;
  const first = kept?.[0] ?? null;
  if (kept !== null && first?.counterReset === 'reset') kept[0] = hinted(first, 'unknown');
  return new ReadSeries({ labels, timesMs: timesMs.subarray(from), values: values.subarray(from), histograms: kept }, timesMs.length - from);
}
