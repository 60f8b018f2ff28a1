import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { labelValue, labelsKey } from '../../../labels/labels.js';
import type { Aggregate } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { histogramText } from '../../histogram/text.js';
import { HistogramSum } from '../../histogram/sum/sum.js';
import { averageOf, sumOf } from '../../histogram/sum/totals.js';
import { KahanSum, mean, quantileOf } from '../../numbers/kahan.js';
import { formatPlain } from '../../numbers/number-text.js';
import type { Evaluation } from '../evaluation.js';
import { extentOf } from './extent.js';
import { LABELS_WORK, dropLabels, keepLabels, withLabel } from '../values/labels.js';
import { alongSeries, runsAlong } from './along.js';
import { selectSome } from './choose.js';
import type { Grid, StepSeries } from '../values/values.js';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, hasPoints, histogramAt } from '../values/values.js';

/** The values of a group at one step, the first `count` of the buffer. */
type GroupKernel = (values: Float64Array, count: number, param: number) => number;

const KERNELS: ReadonlyMap<string, GroupKernel> = new Map<string, GroupKernel>([
  ['sum', sum],
  ['avg', (values, count) => mean(values, 0, count)],
  ['min', (values, count) => extreme(values, count, (value, best) => value < best)],
  ['max', (values, count) => extreme(values, count, (value, best) => value > best)],
  ['stdvar', variance],
  ['stddev', (values, count) => Math.sqrt(variance(values, count))],
  ['quantile', (values, count, quantile) => quantileOf(quantile, values.slice(0, count))],
]);

export interface Group {
  readonly labels: Labels;
  readonly series: StepSeries[];
}

/** Aggregates over labels, at all steps. `param` is the quantile, k or ratio at each step. */
export async function aggregate(evaluation: Evaluation, grid: Grid, node: Aggregate, series: readonly StepSeries[], param: Float64Array | null): Promise<StepSeries[]> {
  if (node.op === 'topk' || node.op === 'bottomk' || node.op === 'limitk' || node.op === 'limit_ratio') {
    return selectSome(evaluation, grid, node, await groupsOf(evaluation, node, series), param ?? new Float64Array(grid.count));
  }
  if (node.op === 'quantile' && param !== null && node.param !== null) noteQuantiles(evaluation, param, node.param.range);
  const buffer = new Float64Array(series.length);
  const total = new HistogramSum(null);
  const found: StepSeries[] = [];
  for (const { labels, series: members } of await groupsOf(evaluation, node, series)) {
    const result = SeriesBuilder.empty(labels, dropsName(labels, members), grid.count);
    const mixed = members.some(({ histograms }) => histograms !== null);
    if (!mixed && runsAlong(node.op)) {
      await alongSeries(evaluation, node.op, members, result);
      if (hasPoints(result)) found.push(result);
      continue;
    }
    for (let step = 0; step < grid.count; step++) {
      if (mixed) aggregateMixed(evaluation, node, members, step, buffer, param?.[step] ?? NaN, result, total);
      else aggregateFloats(node.op, members, step, buffer, param?.[step] ?? NaN, result);
      if (evaluation.turns.due(members.length)) await evaluation.turns.turn();
    }
    if (hasPoints(result)) found.push(result);
  }
  return found;
}

function aggregateFloats(op: Aggregate['op'], members: readonly StepSeries[], step: number, buffer: Float64Array, param: number, result: SeriesBuilder): void {
  let count = 0;
  for (const { present, values } of members) if (present[step] === FLOAT) buffer[count++] = values[step] ?? NaN;
  if (count > 0) result.setFloat(step, op === 'count' ? count : op === 'group' ? 1 : (KERNELS.get(op) ?? sum)(buffer, count, param));
}

/** Histograms are counted and grouped, summed and averaged; other aggregations leave them out and say so. */
function aggregateMixed(evaluation: Evaluation, { op, inner }: Aggregate, members: readonly StepSeries[], step: number, buffer: Float64Array, param: number, result: SeriesBuilder, total: HistogramSum): void {
  const { annotations } = evaluation;
  const there: StepSeries[] = [];
  const withHistogram: StepSeries[] = [];
  const histograms: NativeHistogram[] = [];
  for (const member of members) {
    if (member.present[step] === ABSENT) continue;
    there.push(member);
    const histogram = histogramAt(member, step);
    if (histogram === null) continue;
    withHistogram.push(member);
    histograms.push(histogram);
  }
  if (op === 'count' || op === 'group') {
    if (there.length > 0) result.setFloat(step, op === 'count' ? there.length : 1);
    return;
  }
  if (withHistogram.length === 0) return aggregateFloats(op, there, step, buffer, param, result);
  if (op !== 'sum' && op !== 'avg') {
    annotations.histogramIgnoredInAggregation(op, inner.range);
    return aggregateFloats(op, there, step, buffer, param, result);
  }
  // Histograms behind a float are not added, and nothing counts behind one that does not go with those before it.
  const leading = there[0]?.present[step] === HISTOGRAM;
  const found = leading ? (op === 'sum' ? sumOf : averageOf)(histograms, total) : null;
  if (found?.reconciled === true) annotations.boundsReconciled('aggregation', inner.range);
  const misfit = found === null || found.misfit === null ? undefined : withHistogram[found.misfit];
  if (misfit !== undefined) annotations.mixedSchemas(labelValue(misfit.labels, '__name__'), inner.range);
  const counted = misfit === undefined ? there : there.slice(0, there.indexOf(misfit));
  if (there.length > histograms.length && counted.some(({ present }) => present[step] === FLOAT)) return annotations.mixedInAggregation(inner.range);
  if (found === null || found.histogram === null) return;
  if (found.collided) annotations.counterResetCollision('aggregation', inner.range);
  result.setHistogram(step, found.histogram);
}

/** Whether a group's name goes: where it has one, what its members say at the last step at which there is one. */
function dropsName(labels: Labels, members: readonly StepSeries[]): boolean {
  const dropping = members.filter(({ dropName }) => dropName);
  if (dropping.length === 0 || dropping.length === members.length || labelValue(labels, '__name__') === '') return dropping.length > 0;
  const lastStep = ({ present }: StepSeries) => present.findLastIndex((there) => there !== ABSENT);
  const last = Math.max(...members.map(lastStep));
  return dropping.some((member) => lastStep(member) === last);
}

/** count_values: how many series of a group have each value, which becomes a label. */
export async function countValues(evaluation: Evaluation, grid: Grid, node: Aggregate, series: readonly StepSeries[], label: string): Promise<StepSeries[]> {
  // What is no UTF-8 was read as the replacement character; the error shows it as it was written.
  if (label.includes('\ufffd') && node.param !== null) throw new PromQLExecutionError(`invalid label name ${evaluation.annotations.query.slice(node.param.range.start, node.param.range.end).replace(/^[\s(]+|[\s)]+$/g, '')}`);
  if (label === '') throw new PromQLExecutionError(`invalid label name ${JSON.stringify(label)}`);
  const grouping = node.without ? node : { ...node, grouping: [...node.grouping, label] };
  const labelling = labelsFor(grouping);
  const found = new Map<string, SeriesBuilder>();
  for (const one of series) {
    const targets = new Map<number | string, SeriesBuilder>();
    for (let step = 0; step < grid.count; step++) {
      if (one.present[step] === ABSENT) continue;
      const histogram = histogramAt(one, step);
      const value = histogram === null ? one.values[step] ?? NaN : histogramText(histogram);
      // A map takes both zeros for one, Prometheus writes them as two.
      const name = Object.is(value, -0) ? '-0' : value;
      let target = targets.get(name);
      if (target === undefined) {
        const group = labelling(withLabel(one.labels, label, typeof value === 'number' ? formatPlain(value) : value));
        const key = labelsKey(group);
        target = found.get(key) ?? SeriesBuilder.empty(group, false, grid.count);
        found.set(key, target);
        targets.set(name, target);
        evaluation.holdSteps(grid.count, false);
      }
      target.setFloat(step, (target.values[step] ?? 0) + 1);
    }
    if (evaluation.turns.due(grid.count * LABELS_WORK)) await evaluation.turns.turn();
  }
  return [...found.values()];
}

async function groupsOf({ turns }: Evaluation, node: Aggregate, series: readonly StepSeries[]): Promise<Group[]> {
  const labelling = labelsFor(node);
  const groups = new Map<string, Group>();
  for (const one of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    const labels = labelling(one.labels);
    const key = labelsKey(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, series: [one] });
    else group.series.push(one);
  }
  return [...groups.values()];
}

function labelsFor({ grouping, without }: Pick<Aggregate, 'grouping' | 'without'>): (labels: Labels) => Labels {
  const names = new Set(without ? [...grouping, '__name__'] : grouping);
  return without ? (labels) => dropLabels(labels, names) : (labels) => keepLabels(labels, names);
}

/** Of all steps the least and the greatest are told, and what is no number. */
function noteQuantiles({ annotations }: Evaluation, param: Float64Array, range: Aggregate['range']): void {
  const { least, most, someNaN } = extentOf(param);
  if (someNaN) annotations.invalidQuantile(NaN, range);
  if (most > 1) annotations.invalidQuantile(most, range);
  if (least < 0) annotations.invalidQuantile(least, range);
}

function sum(values: Float64Array, count: number): number {
  const total = new KahanSum();
  for (let i = 0; i < count; i++) total.add(values[i] ?? NaN);
  return total.value;
}

function extreme(values: Float64Array, count: number, better: (value: number, best: number) => boolean): number {
  let found = values[0] ?? NaN;
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? NaN;
    if (better(value, found) || Number.isNaN(found)) found = value;
  }
  return found;
}

function variance(values: Float64Array, count: number): number {
  const first = values[0] ?? NaN;
  if (!Number.isFinite(first)) return NaN;
  let average = first;
  let squares = 0;
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? NaN;
    const delta = value - average;
    average += delta / (i + 1);
    squares += delta * (value - average);
  }
  return squares / count;
}
