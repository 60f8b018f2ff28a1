import { compareLabels } from '../../labels/labels.js';
import type { Series } from '../../readers.js';
import { LimitExceeded } from '../../readers.js';
import type { At, MatrixSelector, VectorSelector } from '../ast.js';
import { PromQLExecutionError, PromQLNotSupported } from '../error.js';
import { isStaleAt, wordsOf } from '../stale.js';
import type { Evaluation } from './evaluation.js';
import { tooManySamples } from './evaluation.js';
import { labelsText } from './labels.js';
import type { Grid, RangeSeries, RangeVectors, StepSeries } from './values.js';
import { emptySeries, hasPoints, timeAt } from './values.js';

/** The time that a selector looks at, at each step: its own with `@`, less its offset. */
export function lookTimes(evaluation: Evaluation, grid: Grid, at: At | null, offsetMs: number): Float64Array {
  const fixed = at === null ? null : at.kind === 'time' ? at.timeMs : at.kind === 'start' ? evaluation.startMs : evaluation.endMs;
  const times = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) times[step] = (fixed ?? timeAt(grid, step)) - offsetMs;
  return times;
}

/**
 * The last sample of each series at each step that is younger than the lookback and no stale marker. With `times` the
 * value is the sample's own time in seconds.
 */
export async function selectVector(evaluation: Evaluation, grid: Grid, selector: VectorSelector, times = false): Promise<StepSeries[]> {
  const looks = lookTimes(evaluation, grid, selector.at, selector.offsetMs);
  const { lookbackMs } = evaluation.options;
  const read = await readSeries(evaluation, selector, (looks[0] ?? 0) - lookbackMs + 1, looks[grid.count - 1] ?? 0);
  const found: StepSeries[] = [];
  for (const { labels, timesMs, values } of read) {
    const words = wordsOf(values);
    const series = emptySeries(labels, false, grid.count);
    let next = 0;
    for (let step = 0; step < grid.count; step++) {
      const look = looks[step] ?? 0;
      while (next < timesMs.length && (timesMs[next] ?? Infinity) <= look) next++;
      const time = timesMs[next - 1];
      if (time === undefined || time <= look - lookbackMs || isStaleAt(words, next - 1)) continue;
      series.values[step] = times ? time / 1000 : values[next - 1] ?? NaN;
      series.present[step] = 1;
    }
    if (hasPoints(series)) {
      evaluation.hold(grid.count);
      found.push(series);
    }
    if (evaluation.turns.due(grid.count + timesMs.length)) await evaluation.turns.turn();
  }
  return found;
}

/** The samples of each series that functions over a range look at. */
export async function selectRange(evaluation: Evaluation, grid: Grid, { selector, rangeMs }: MatrixSelector): Promise<RangeVectors> {
  const endsMs = lookTimes(evaluation, grid, selector.at, selector.offsetMs);
  const read = await readSeries(evaluation, selector, (endsMs[0] ?? 0) - rangeMs + 1, endsMs[grid.count - 1] ?? 0);
  const series: RangeSeries[] = [];
  for (const { labels, timesMs, values } of read) {
    series.push({ labels, dropName: false, ...withoutStale(timesMs, values) });
    if (evaluation.turns.due(timesMs.length)) await evaluation.turns.turn();
  }
  return { series, rangeMs, endsMs };
}

function withoutStale(timesMs: Float64Array, values: Float64Array): { timesMs: Float64Array; values: Float64Array } {
  const words = wordsOf(values);
  let stale = 0;
  for (let i = 0; i < values.length; i++) if (isStaleAt(words, i)) stale++;
  if (stale === 0) return { timesMs, values };
  const kept = { timesMs: new Float64Array(values.length - stale), values: new Float64Array(values.length - stale) };
  let to = 0;
  for (let i = 0; i < values.length; i++) {
    if (isStaleAt(words, i)) continue;
    kept.timesMs[to] = timesMs[i] ?? 0;
    kept.values[to++] = values[i] ?? NaN;
  }
  return kept;
}

async function readSeries(evaluation: Evaluation, { matchers }: VectorSelector, startMs: number, endMs: number): Promise<readonly Series[]> {
  const { maxSeries } = evaluation.options;
  let read: readonly Series[];
  try {
    read = await evaluation.reader.select(evaluation.context, { startMs, endMs, matchers, maxSeries, maxSamples: evaluation.samplesLeft });
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    if (error.what === 'samples') throw tooManySamples();
    if (error.what === 'series') throw new PromQLExecutionError(`the query would read more than ${error.limit} series; narrow it or raise query.max_series`);
    throw new PromQLExecutionError(error.message);
  }
  evaluation.context.signal.throwIfAborted();
  evaluation.hold(read.reduce((samples, { values }) => samples + values.length, 0));
  const native = read.find(({ histograms }) => histograms?.some((histogram) => histogram !== null) === true);
  if (native !== undefined) throw new PromQLNotSupported(`native histograms, which ${labelsText(native.labels)} has, are`);
  return [...read].sort((a, b) => compareLabels(a.labels, b.labels));
}
