import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../../event-loop.js';
import { labelValue } from '../../../labels/labels.js';
import type { Call, Expr, Range } from '../../ast.js';
import { unwrapParens } from '../../ast.js';
import { extendedKernel, requireExtension } from '../../functions/extended/extended.js';
import type { MixedKernel, MixedWindow } from '../../functions/range/mixed-window.js';
import { MIXED } from '../../functions/range/mixed.js';
import type { RangeKernel, Window } from '../../functions/range/window.js';
import { OVER_TIME } from '../../functions/range/over-time.js';
import { SIGNATURES } from '../../functions/signatures.js';
import { RATES, lastResets, rateOverWindow } from '../../functions/range/rate.js';
import { TRENDS } from '../../functions/range/trend.js';
import { HistogramSum } from '../../histogram/sum/sum.js';
import type { Evaluation } from '../evaluation.js';
import { HISTOGRAM_SAMPLES } from '../evaluation.js';
import type { Operands } from './operands.js';
import type { Rows } from '../values/rows.js';
import { allRows } from '../values/rows.js';
import type { Grid, RangeSeries, RangeVectors, SeriesBuilder, StepSeries } from '../values/values.js';
import { ABSENT, FLOAT, timeAt } from '../values/values.js';

const KERNELS: ReadonlyMap<string, RangeKernel> = new Map([...RATES, ...OVER_TIME, ...TRENDS]);

/** Functions whose result is still the metric. */
const KEEPS_NAME = new Set(['first_over_time', 'last_over_time']);

/** How counters' names end. */
const COUNTER = /_(total|sum|count|bucket)$/;

const NO_PARAMS: readonly number[] = [];

/** Over a subquery notes point at the query's beginning: Prometheus puts its result in the place of what was written there. */
const OF_SUBQUERIES: Range = { start: 0, end: 0 };

export function isOverRange(name: string): boolean {
  return KERNELS.has(name);
}

/** Whether all series of a function over a range drop their names, or all of them keep theirs, and `rangeRows` tells all that is to be told. */
export function givesRows({ name, args }: Call): boolean {
  if (!isOverRange(name) || name === 'quantile_over_time') return false;
  return !KEEPS_NAME.has(name) || args.every((arg) => unwrapParens(arg).kind !== 'subquery');
}

/** A function over a range, for each series in one pass over its samples. `knownAs`: its name in errors. */
export async function callOverRange(operands: Operands, grid: Grid, call: Call, knownAs = call.name): Promise<StepSeries[]> {
  const { evaluation } = operands;
  const rows = await rangeRows(operands, grid, call, knownAs);
  const found = await allRows(evaluation.turns, grid, rows);
  if (call.name === 'quantile_over_time' && rows.scalars[0] !== undefined) noteQuantiles(evaluation, rows.scalars[0], found, rows.place);
  return found;
}

/** The same, of which each series is computed when it is asked for. Wrong quantiles are not told. */
export async function rangeRows(operands: Operands, grid: Grid, call: Call, knownAs = call.name): Promise<RangeRows> {
  const rangeArg = call.args[SIGNATURES.get(call.name)?.args.indexOf('matrix') ?? 0];
  if (rangeArg === undefined) throw new Error(`${call.name} has no range, though the type check found one`);
  const extension = extensionOf(rangeArg);
  requireExtension(knownAs, extension);
  const ranges = await operands.ranges(rangeArg, grid);
  const scalars: Float64Array[] = [];
  for (const arg of call.args) if (arg !== rangeArg) scalars.push(await operands.scalar(arg, grid));
  // Notes name the first argument's place, whichever it is.
  const place = rangeArg === call.args[0] && unwrapParens(rangeArg).kind === 'subquery' ? OF_SUBQUERIES : (call.args[0] ?? rangeArg).range;
  return new RangeRows(operands, grid, call, ranges, scalars, place);
}

class RangeRows implements Rows {
  readonly mixed: boolean;
  readonly #kernel: RangeKernel;
  readonly #extended: ReturnType<typeof extendedKernel> | null;
  readonly #keepsName: boolean;
  readonly #rate: 'rate' | 'increase' | 'delta' | null;

  /** The last series' name, and whether there is nothing to say of it: it is none, or that of a counter. */
  #name = '';
  #named = true;

  constructor(readonly operands: Operands, readonly grid: Grid, readonly call: Call, readonly ranges: RangeVectors, readonly scalars: readonly Float64Array[], readonly place: Range) {
    const { name } = call;
    this.mixed = ranges.series.some(({ histograms }) => histograms !== null);
    this.#kernel = KERNELS.get(name) ?? (() => undefined);
    this.#extended = ranges.extension === null ? null : extendedKernel(name, ranges.extension);
    this.#keepsName = KEEPS_NAME.has(name);
    this.#rate = name === 'rate' || name === 'increase' || name === 'delta' ? name : null;
  }

  get count(): number {
    return this.ranges.series.length;
  }

  labels(index: number): Labels {
    return this.#series(index).labels;
  }

  dropName(index: number): boolean {
    return !this.#keepsName || this.#series(index).dropName;
  }

  fill(index: number, row: SeriesBuilder): Promise<void> | undefined {
    const { operands, grid, call, ranges, scalars, place } = this;
    const series = this.#series(index);
    const { annotations, turns } = operands.evaluation;
    if (this.#extended !== null) this.#extended(series, ranges, row, { annotations, metric: labelValue(series.labels, '__name__'), range: place });
    else if (series.histograms !== null) return overMixed(operands, call, place, series, ranges, grid, scalars, row);
    else if (this.#rate !== null) rates(this.#rate, series, ranges, row);
    else return overWindows(turns, series, ranges, grid, this.#kernel, scalars, row);
    return undefined;
  }

  work(index: number): number {
    return this.grid.count * 4 + this.#series(index).count;
  }

  found(row: StepSeries): void {
    if (this.#rate !== 'rate' && this.#rate !== 'increase') return;
    const name = labelValue(row.labels, '__name__');
    // One series after the other has the same name.
    if (name !== this.#name) {
      this.#name = name;
      this.#named = name === '' || COUNTER.test(name);
    }
    if (!this.#named && row.present.includes(FLOAT)) this.operands.evaluation.annotations.possibleNonCounter(name, this.place);
  }

  #series(index: number): RangeSeries {
    return this.ranges.series[index] as RangeSeries;
  }
}

/** Wrong quantiles are told at the steps at which there is something to take one of. */
function noteQuantiles({ annotations }: Evaluation, quantiles: Float64Array, found: readonly StepSeries[], range: Range): void {
  for (const [step, q] of quantiles.entries()) {
    if (!(q >= 0 && q <= 1) && found.some(({ present }) => present[step] !== ABSENT)) annotations.invalidQuantile(q, range);
  }
}

function extensionOf(arg: Expr): 'anchored' | 'smoothed' | null {
  const node = unwrapParens(arg);
  return node.kind === 'matrix' ? node.selector.extension : null;
}

async function overWindows(turns: Turns, { timesMs, values }: RangeSeries, ranges: RangeVectors, grid: Grid, kernel: RangeKernel, scalars: readonly Float64Array[], row: SeriesBuilder): Promise<void> {
  const window: Window = { timesMs, values, from: 0, to: 0, startMs: 0, endMs: 0, evalMs: 0 };
  for (let step = 0; ;) {
    step = alongWindows(step, window, ranges, grid, kernel, scalars, row, turns);
    if (step === grid.count) return;
    await turns.turn();
  }
}

/** From a step on until it is time for a turn; answers the next step. Of its own, since V8 runs what has no await twice as fast, and compiles a function anew that is made for each series. */
function alongWindows(begin: number, window: Window, { rangeMs, endsMs }: RangeVectors, grid: Grid, kernel: RangeKernel, scalars: readonly Float64Array[], row: SeriesBuilder, turns: Turns): number {
  for (let step = begin; step < grid.count; step++) {
    window.endMs = endsMs[step] ?? 0;
    window.startMs = window.endMs - rangeMs;
    window.evalMs = timeAt(grid, step);
    moveWindow(window);
    if (window.from === window.to) continue;
    const value = kernel(window, scalars.length === 0 ? NO_PARAMS : scalars.map((scalar) => scalar[step] ?? NaN));
    if (value !== undefined) row.setFloat(step, value);
    if (turns.due(window.to - window.from)) return step + 1;
  }
  return grid.count;
}

/** Windows only move forward: both ends do. */
function moveWindow(window: Window): void {
  const { timesMs, startMs, endMs } = window;
  let { from, to } = window;
  while (to < timesMs.length && (timesMs[to] ?? Infinity) <= endMs) to++;
  while (from < to && (timesMs[from] ?? Infinity) <= startMs) from++;
  window.from = from;
  window.to = to;
}

/** The same as `overWindows` for the functions that dashboards are full of, without looking at each window's samples. */
function rates(name: 'rate' | 'increase' | 'delta', { timesMs, values }: RangeSeries, { rangeMs, endsMs }: RangeVectors, result: SeriesBuilder): void {
  const counter = name !== 'delta';
  const perSecond = name === 'rate';
  const resets = counter ? lastResets(values) : null;
  const { length } = timesMs;
  const found = result.values;
  const { present } = result;
  let from = 0;
  let to = 0;
  for (let step = 0; step < endsMs.length; step++) {
    const endMs = endsMs[step] as number;
    const startMs = endMs - rangeMs;
    while (to < length && (timesMs[to] as number) <= endMs) to++;
    while (from < to && (timesMs[from] as number) <= startMs) from++;
    if (to - from < 2) continue;
    found[step] = rateOverWindow(timesMs, values, from, to, startMs, endMs, counter, perSecond, resets);
    present[step] = 1;
  }
}

async function overMixed({ evaluation }: Operands, call: Call, place: Range, series: RangeSeries, { rangeMs, endsMs }: RangeVectors, grid: Grid, scalars: readonly Float64Array[], result: SeriesBuilder): Promise<void> {
  const kernel: MixedKernel | undefined = MIXED.get(call.name);
  if (kernel === undefined) return;
  const window = mixedWindow(series);
  const notes = { annotations: evaluation.annotations, metric: labelValue(series.labels, '__name__'), range: place };
  for (let step = 0; step < grid.count; step++) {
    const endMs = endsMs[step] ?? 0;
    for (const part of [window.floats, window.points]) {
      part.endMs = endMs;
      part.startMs = endMs - rangeMs;
      part.evalMs = timeAt(grid, step);
      moveWindow(part);
    }
    if (window.floats.from === window.floats.to && window.points.from === window.points.to) continue;
    const found = kernel(window, scalars.length === 0 ? NO_PARAMS : scalars.map((scalar) => scalar[step] ?? NaN), notes);
    if (found !== undefined) result.set(step, found);
    if (evaluation.turns.due((window.points.to - window.points.from) * HISTOGRAM_SAMPLES + window.floats.to - window.floats.from)) await evaluation.turns.turn();
  }
}

function mixedWindow(series: RangeSeries): MixedWindow {
  const natives: NativeHistogram[] = [];
  for (const histogram of series.histograms ?? []) if (histogram !== null) natives.push(histogram);
  return { floats: windowOf(series, series.timesMs.length - natives.length, false), points: windowOf(series, natives.length, true), histograms: natives, rows: undefined, sum: new HistogramSum(null) };
}

/** The `count` samples that are histograms, or that are none. */
function windowOf({ timesMs, values, histograms }: RangeSeries, count: number, natives: boolean): Window {
  const window = { timesMs: new Float64Array(count), values: new Float64Array(count), from: 0, to: 0, startMs: 0, endMs: 0, evalMs: 0 };
  for (let i = 0, to = 0; i < timesMs.length; i++) {
    if (((histograms?.[i] ?? null) !== null) !== natives) continue;
    window.timesMs[to] = timesMs[i] as number;
    window.values[to++] = values[i] as number;
  }
  return window;
}
