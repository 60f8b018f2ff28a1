import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { labelsOf } from '../../../labels/labels.js';
import { sortedInTurns } from '../../../sorted-in-turns.js';
import type { Call, Expr } from '../../ast.js';
import { unwrapParens } from '../../ast.js';
import { PromQLNotSupported } from '../../error.js';
import { nativeVariance } from '../../histogram/quantile.js';
import { DATES } from '../../functions/instant/date.js';
import { histogramFraction, histogramQuantile, overNative, quantileText } from '../../functions/histogram/histogram.js';
import { labelJoin, labelReplace } from '../../functions/instant/labels.js';
import { MATH, greater, less } from '../../functions/instant/math.js';
import { byLabels, sortedByValue } from '../../functions/instant/sort.js';
import { withLabel } from '../values/labels.js';
import type { Evaluation } from '../evaluation.js';
import type { Operands } from './operands.js';
import { infoCall } from './info.js';
import { joined } from '../values/join.js';
import { callOverRange, isOverRange } from './range-call.js';
import { selectVector } from '../selection/select.js';
import type { Grid, StepSeries, Value } from '../values/values.js';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, hasPoints, histogramAt, isRange, timeAt, withPresent } from '../values/values.js';

/** Calls a function at all steps. Throws PromQLNotSupported for one that is not there yet. */
export async function evaluateCall(operands: Operands, grid: Grid, call: Call): Promise<Value> {
  const constant = contextScalar(operands, grid, call.name);
  if (constant !== undefined) return { type: 'scalar', values: constant };
  if (call.name === 'max_of' || call.name === 'min_of') return scalars(operands, grid, call, call.name === 'max_of' ? greater : less);
  if (call.name === 'scalar') return { type: 'scalar', values: scalarOf(await operands.vector(argument(call, 0), grid), grid) };
  return { type: 'vector', series: await vectorCall(operands, grid, call) };
}

async function vectorCall(operands: Operands, grid: Grid, call: Call): Promise<readonly StepSeries[]> {
  const { name, args } = call;
  const vector = (index: number) => operands.vector(argument(call, index), grid);
  const scalar = (index: number) => operands.scalar(argument(call, index), grid);
  const { evaluation } = operands;
  const { annotations } = evaluation;
  if (isOverRange(name)) return callOverRange(operands, grid, call);
  const math = MATH.get(name);
  if (math !== undefined) return mathCall(operands, grid, call, math);
  const date = DATES.get(name);
  if (date !== undefined) return mapValues(operands.evaluation, args.length === 0 ? [whole(await timeScalar(grid))] : await vector(0), date);
  switch (name) {
    case 'vector': return [whole(await scalar(0))];
    case 'timestamp': return timestamps(operands, grid, argument(call, 0));
    case 'absent': return absent(await vector(0), labelsForAbsent(argument(call, 0)), grid);
    case 'absent_over_time': {
      const presence: Call = { ...call, name: 'present_over_time' };
      return absent(await callOverRange(operands, grid, presence, call.name), labelsForAbsent(argument(call, 0)), grid);
    }
    case 'label_replace': return labelReplace(evaluation.turns, () => vector(0), strings(args.slice(1)));
    case 'label_join': return labelJoin(evaluation.turns, () => vector(0), strings(args.slice(1)));
    case 'sort':
    case 'sort_desc':
    case 'sort_by_label':
    case 'sort_by_label_desc': {
      const byLabel = name.startsWith('sort_by_label');
      const series = byLabel ? await vector(0) : floatsOf(await vector(0));
      if (isRange(grid)) {
        annotations.sortInRangeQuery(call.range);
        return series;
      }
      const direction = name.endsWith('_desc') ? -1 : 1;
      return byLabel ? sortedInTurns(series, byLabels(strings(args.slice(1)), direction), evaluation.turns) : sortedByValue(series, 0, direction, evaluation.turns);
    }
    case 'histogram_quantile': {
      const quantile = await scalar(0);
      return histogramQuantile(evaluation, await vector(1), quantile, grid, argument(call, 0).range, argument(call, 1).range, argument(call, 1).range);
    }
    case 'histogram_quantiles':
      return quantiles(operands, grid, call);
    case 'histogram_fraction': {
      const [lower, upper] = [await scalar(0), await scalar(1)];
      return histogramFraction(evaluation, await vector(2), lower, upper, grid, argument(call, 2).range, argument(call, 2).range);
    }
    case 'histogram_count': return overNative(evaluation, await totals(operands, grid, call), ({ count }) => count);
    case 'histogram_sum': return overNative(evaluation, await totals(operands, grid, call), ({ sum }) => sum);
    case 'histogram_avg': return overNative(evaluation, await totals(operands, grid, call), ({ sum, count }) => sum / count);
    case 'histogram_stdvar': return overNative(evaluation, await vector(0), nativeVariance);
    case 'histogram_stddev': return overNative(evaluation, await vector(0), (histogram) => Math.sqrt(nativeVariance(histogram)));
    case 'info': return infoCall(operands, grid, call);
    // Series have no start times that could be shown, as in Prometheus without `use-start-timestamps`.
    case 'start_timestamp': return [];
    default:
      throw new PromQLNotSupported(`the function ${name}() is`);
  }
}

/** The argument of a function that looks at counts and sums alone. */
async function totals(operands: Operands, grid: Grid, call: Call): Promise<readonly StepSeries[]> {
  const { evaluation } = operands;
  const outside = evaluation.countsAlone;
  evaluation.countsAlone = true;
  try {
    return await operands.vector(argument(call, 0), grid);
  } finally {
    evaluation.countsAlone = outside;
  }
}

async function mathCall(operands: Operands, grid: Grid, call: Call, math: (value: number, params: readonly number[]) => number): Promise<StepSeries[]> {
  const series = await operands.vector(argument(call, 0), grid);
  const params: Float64Array[] = [];
  for (const arg of call.args.slice(1)) params.push(await operands.scalar(arg, grid));
  const mapped = await mapValues(operands.evaluation, series, (value, step) => math(value, params.map((values) => values[step] ?? NaN)));
  if (call.name !== 'clamp') return mapped;
  // Bounds that are the wrong way round leave nothing.
  const [least, most] = params;
  return mapped.map((one) => withPresent(one, one.present.map((present, step) => ((most?.[step] ?? NaN) < (least?.[step] ?? NaN) ? 0 : present)))).filter(hasPoints);
}

/** Several quantiles at once; a label says which is which. */
async function quantiles(operands: Operands, grid: Grid, call: Call): Promise<StepSeries[]> {
  const [vector, label, ...wanted] = call.args;
  if (vector === undefined || label === undefined) return [];
  const buckets = await operands.vector(vector, grid);
  const [name = ''] = strings([label]);
  const found: StepSeries[] = [];
  for (const [i, arg] of wanted.entries()) {
    const values = await operands.scalar(arg, grid);
    for (const one of await histogramQuantile(operands.evaluation, buckets, values, grid, arg.range, vector.range, vector.range, i === 0)) {
      // A quantile that differs from step to step names a series of its own each time.
      for (const quantile of new Set(values)) {
        const present = one.present.map((there, step) => (Object.is(values[step], quantile) ? there : 0));
        found.push(SeriesBuilder.of(withLabel(one.labels, name, quantileText(quantile)), one.dropName, one.values, present, one.histograms));
      }
    }
  }
  const there = found.filter(hasPoints);
  return isRange(grid) ? joined(there, operands.evaluation.turns) : there;
}

/** One value after the other; the result is no longer the metric. Histograms are left out where there is no function for them. */
export async function mapValues({ turns }: Evaluation, series: readonly StepSeries[], map: (value: number, step: number) => number, mapHistogram?: (histogram: NativeHistogram) => NativeHistogram): Promise<StepSeries[]> {
  const found: StepSeries[] = [];
  for (const one of series) {
    const { labels, values, present } = one;
    const mapped = SeriesBuilder.empty(labels, true, values.length);
    for (let step = 0; step < values.length; step++) {
      if (present[step] === FLOAT) mapped.setFloat(step, map(values[step] ?? NaN, step));
      else if (present[step] === HISTOGRAM && mapHistogram !== undefined) {
        const histogram = histogramAt(one, step);
        if (histogram !== null) mapped.setHistogram(step, mapHistogram(histogram));
      }
    }
    if (hasPoints(mapped)) found.push(mapped);
    if (turns.due(values.length)) await turns.turn();
  }
  return found;
}

/** Without histograms, which have no order. */
function floatsOf(series: readonly StepSeries[]): readonly StepSeries[] {
  if (series.every(({ histograms }) => histograms === null)) return series;
  return series.map((one) => SeriesBuilder.of(one.labels, one.dropName, one.values, one.present.map((there) => (there === FLOAT ? FLOAT : ABSENT)), null)).filter(hasPoints);
}

function contextScalar({ evaluation }: Operands, grid: Grid, name: string): Float64Array | undefined {
  const fill = (value: number) => new Float64Array(grid.count).fill(value);
  switch (name) {
    case 'pi': return fill(Math.PI);
    case 'time': return timeScalar(grid);
    case 'start': return fill(evaluation.startMs / 1000);
    case 'end': return fill(evaluation.endMs / 1000);
    case 'range': return fill((evaluation.endMs - evaluation.startMs) / 1000);
    case 'step': return fill(evaluation.instant ? 0 : Math.round(evaluation.stepMs * 1e6) / 1e9);
    default: return undefined;
  }
}

async function scalars(operands: Operands, grid: Grid, call: Call, choose: (a: number, b: number) => number): Promise<Value> {
  const [left, right] = [await operands.scalar(argument(call, 0), grid), await operands.scalar(argument(call, 1), grid)];
  return { type: 'scalar', values: left.map((value, step) => choose(value, right[step] ?? NaN)) };
}

function timeScalar(grid: Grid): Float64Array {
  const seconds = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) seconds[step] = timeAt(grid, step) / 1000;
  return seconds;
}

/** The value of the only series at each step, NaN where there is none or more than one. */
function scalarOf(series: readonly StepSeries[], grid: Grid): Float64Array {
  const values = new Float64Array(grid.count).fill(NaN);
  for (let step = 0; step < grid.count; step++) {
    const there = series.filter(({ present }) => present[step] === FLOAT);
    if (there.length === 1) values[step] = there[0]?.values[step] ?? NaN;
  }
  return values;
}

function whole(values: Float64Array): StepSeries {
  return SeriesBuilder.of([], false, values, new Uint8Array(values.length).fill(FLOAT), null);
}

async function timestamps(operands: Operands, grid: Grid, arg: Expr): Promise<StepSeries[]> {
  const { evaluation } = operands;
  const inner = unwrapParens(arg);
  // The samples' own times, whatever modifier there is.
  if (inner.kind === 'selector') return mapValues(evaluation, await selectVector(evaluation, grid, { ...inner, extension: null }, 'times'), (value) => value);
  return (await operands.vector(arg, grid)).map(({ labels, present }) => SeriesBuilder.of(labels, true, timeScalar(grid), present.map((there) => (there === ABSENT ? ABSENT : FLOAT)), null));
}

function absent(series: readonly StepSeries[], labels: Labels, grid: Grid): StepSeries[] {
  const missing = SeriesBuilder.empty(labels, false, grid.count);
  for (let step = 0; step < grid.count; step++) {
    if (series.some(({ present }) => present[step] !== ABSENT)) continue;
    missing.present[step] = FLOAT;
    missing.values[step] = 1;
  }
  return hasPoints(missing) ? [missing] : [];
}

/** The labels that a selector fixes, but for those it names twice. */
function labelsForAbsent(arg: Expr): Labels {
  const inner = unwrapParens(arg);
  const matchers = inner.kind === 'selector' ? inner.matchers : inner.kind === 'matrix' ? inner.selector.matchers : [];
  const labels = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of matchers) {
    if (name === '__name__') continue;
    if (op === '=' && !seen.has(name)) {
      labels.set(name, value);
      seen.add(name);
    } else {
      labels.delete(name);
    }
  }
  return labelsOf(labels);
}

function strings(args: readonly Expr[]): string[] {
  return args.map((arg) => {
    const inner = unwrapParens(arg);
    return inner.kind === 'string' ? inner.value : '';
  });
}

function argument(call: Call, index: number): Expr {
  const arg = call.args[index];
  // The types were checked, so it is there.
  if (arg === undefined) throw new Error(`${call.name} has no argument ${index}`);
  return arg;
}
