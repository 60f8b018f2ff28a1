import { labelValue } from '../../labels/labels.js';
import type { Call } from '../ast.js';
import type { RangeKernel, Window } from '../functions/window.js';
import { OVER_TIME } from '../functions/over-time.js';
import { SIGNATURES } from '../functions/signatures.js';
import { RATES } from '../functions/rate.js';
import { TRENDS } from '../functions/trend.js';
import type { Operands } from './operands.js';
import type { Grid, RangeVectors, StepSeries } from './values.js';
import { emptySeries, hasPoints, timeAt } from './values.js';

const KERNELS: ReadonlyMap<string, RangeKernel> = new Map([...RATES, ...OVER_TIME, ...TRENDS]);

/** Functions whose result is still the metric. */
const KEEPS_NAME = new Set(['first_over_time', 'last_over_time']);

const NO_PARAMS: readonly number[] = [];

export function rangeKernel(name: string): RangeKernel | undefined {
  return KERNELS.get(name);
}

/** A function over a range, for each series in one pass over its samples. */
export async function callOverRange(operands: Operands, grid: Grid, call: Call, kernel: RangeKernel): Promise<StepSeries[]> {
  const { evaluation } = operands;
  const rangeArg = call.args[SIGNATURES.get(call.name)?.args.indexOf('matrix') ?? 0];
  if (rangeArg === undefined) return [];
  const scalars: Float64Array[] = [];
  for (const arg of call.args) if (arg !== rangeArg) scalars.push(await operands.scalar(arg, grid));
  const ranges = await operands.ranges(rangeArg, grid);
  if (call.name === 'quantile_over_time') {
    const quantileArg = call.args[0];
    const quantiles = new Set(scalars[0] ?? []);
    if (quantileArg !== undefined && ranges.series.length > 0) for (const q of quantiles) if (Number.isNaN(q) || q < 0 || q > 1) evaluation.annotations.invalidQuantile(q, quantileArg.range);
  }
  const found: StepSeries[] = [];
  for (const series of ranges.series) {
    const result = overWindows(series, ranges, grid, kernel, scalars, !KEEPS_NAME.has(call.name));
    if (hasPoints(result)) {
      found.push(result);
      if (call.name === 'rate' || call.name === 'increase') noteGauge(operands, series.labels, rangeArg.range);
    }
    if (evaluation.turns.due(grid.count * 4 + series.values.length)) await evaluation.turns.turn();
  }
  return found;
}

function noteGauge({ evaluation }: Operands, labels: StepSeries['labels'], range: Call['range']): void {
  const name = labelValue(labels, '__name__');
  if (name !== '' && !/_(total|sum|count|bucket)$/.test(name)) evaluation.annotations.possibleNonCounter(name, range);
}

function overWindows(series: RangeVectors['series'][number], { rangeMs, endsMs }: RangeVectors, grid: Grid, kernel: RangeKernel, scalars: readonly Float64Array[], dropsName: boolean): StepSeries {
  const { timesMs, values } = series;
  const result = emptySeries(series.labels, dropsName || series.dropName, grid.count);
  const window: Window = { timesMs, values, from: 0, to: 0, startMs: 0, endMs: 0, evalMs: 0 };
  for (let step = 0; step < grid.count; step++) {
    window.endMs = endsMs[step] ?? 0;
    window.startMs = window.endMs - rangeMs;
    window.evalMs = timeAt(grid, step);
    // Windows only move forward: both ends do.
    while (window.to < timesMs.length && (timesMs[window.to] ?? Infinity) <= window.endMs) window.to++;
    while (window.from < window.to && (timesMs[window.from] ?? Infinity) <= window.startMs) window.from++;
    if (window.from === window.to) continue;
    const value = kernel(window, scalars.length === 0 ? NO_PARAMS : scalars.map((scalar) => scalar[step] ?? NaN));
    if (value === undefined) continue;
    result.values[step] = value;
    result.present[step] = 1;
  }
  return result;
}
