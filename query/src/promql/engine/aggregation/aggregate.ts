import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { labelValue } from '../../../labels/labels.js';
import type { Aggregate } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { histogramText } from '../../histogram/text.js';
import { HistogramSum } from '../../histogram/sum/sum.js';
import { averageOf, sumOf } from '../../histogram/sum/totals.js';
import { formatPlain } from '../../numbers/number-text.js';
import type { Evaluation } from '../evaluation.js';
import { LABELS_WORK, withLabel } from '../values/labels.js';
import { AlongSteps, runsAlong } from './along.js';
import { selectSome } from './choose.js';
import { Grouping } from './grouping.js';
import { kernelOf } from './kernels.js';
import { noteQuantiles } from './quantiles.js';
import type { Grid, StepSeries } from '../values/values.js';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, hasPoints, histogramAt } from '../values/values.js';

export interface Group {
  readonly labels: Labels;
  readonly series: StepSeries[];
}

/** Aggregates over labels, at all steps. `param` is the quantile, k or ratio at each step. */
export async function aggregate(evaluation: Evaluation, grid: Grid, node: Aggregate, series: readonly StepSeries[], param: Float64Array | null): Promise<StepSeries[]> {
  if (node.op === 'topk' || node.op === 'bottomk' || node.op === 'limitk' || node.op === 'limit_ratio') {
    return selectSome(evaluation, grid, node, await groupsOf(evaluation, node, series), param ?? new Float64Array(grid.count));
  }
  noteQuantiles(evaluation, node, param);
  const buffer = new Float64Array(series.length);
  const total = new HistogramSum(null);
  const found: StepSeries[] = [];
  for (const { labels, series: members } of await groupsOf(evaluation, node, series)) {
    const result = SeriesBuilder.empty(labels, dropsName(labels, members), grid.count);
    const mixed = members.some(({ histograms }) => histograms !== null);
    if (!mixed && runsAlong(node.op)) {
      const along = new AlongSteps(node.op, result);
      for (const member of members) {
        along.add(member);
        if (evaluation.turns.due(grid.count)) await evaluation.turns.turn();
      }
      along.finish();
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
  if (count > 0) result.setFloat(step, kernelOf(op)(buffer, count, param));
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
  const grouping = new Grouping<SeriesBuilder>(node.without ? node : { ...node, grouping: [...node.grouping, label] }, (labels) => SeriesBuilder.empty(labels, false, grid.count));
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
        target = grouping.of(withLabel(one.labels, label, typeof value === 'number' ? formatPlain(value) : value));
        targets.set(name, target);
        evaluation.holdSteps(grid.count, false);
      }
      target.setFloat(step, (target.values[step] ?? 0) + 1);
    }
    if (evaluation.turns.due(grid.count * LABELS_WORK)) await evaluation.turns.turn();
  }
  return grouping.groups;
}

async function groupsOf({ turns }: Evaluation, node: Aggregate, series: readonly StepSeries[]): Promise<Group[]> {
  const grouping = new Grouping<Group>(node, (labels) => ({ labels, series: [] }));
  for (const one of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    grouping.of(one.labels).series.push(one);
  }
  return grouping.groups;
}
