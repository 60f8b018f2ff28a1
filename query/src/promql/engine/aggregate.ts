import type { Labels } from '@signalbox/signals/prometheus/types';
import { labelsKey } from '../../labels/labels.js';
import type { Aggregate } from '../ast.js';
import { PromQLExecutionError, PromQLNotSupported } from '../error.js';
import { KahanSum, mean, quantileOf } from '../kahan.js';
import { formatPlain } from '../number-text.js';
import type { Evaluation } from './evaluation.js';
import { dropLabels, keepLabels, withLabel } from './labels.js';
import type { Grid, StepSeries } from './values.js';
import { emptySeries, hasPoints } from './values.js';

/** The values of a group at one step, the first `count` of the buffer. */
type GroupKernel = (values: Float64Array, count: number, param: number) => number;

const KERNELS: ReadonlyMap<string, GroupKernel> = new Map<string, GroupKernel>([
  ['sum', sum],
  ['avg', (values, count) => mean(values, 0, count)],
  ['min', (values, count) => extreme(values, count, (value, best) => value < best)],
  ['max', (values, count) => extreme(values, count, (value, best) => value > best)],
  ['count', (_, count) => count],
  ['group', () => 1],
  ['stdvar', variance],
  ['stddev', (values, count) => Math.sqrt(variance(values, count))],
  ['quantile', (values, count, quantile) => quantileOf(quantile, values.slice(0, count))],
]);

interface Group {
  readonly labels: Labels;
  readonly series: StepSeries[];
}

/** Aggregates over labels, at all steps. `param` is the quantile or k at each step. */
export async function aggregate(evaluation: Evaluation, grid: Grid, node: Aggregate, series: readonly StepSeries[], param: Float64Array | null): Promise<StepSeries[]> {
  switch (node.op) {
    case 'topk':
    case 'bottomk':
    case 'limitk':
      return selectK(evaluation, grid, node, series, param ?? new Float64Array(grid.count));
    case 'limit_ratio':
    case 'count_values':
      throw new PromQLNotSupported(`${node.op}() is`);
    default:
  }
  if (node.op === 'quantile' && param !== null && node.param !== null) noteQuantiles(evaluation, param, node.param.range);
  const kernel = KERNELS.get(node.op) ?? sum;
  const buffer = new Float64Array(series.length);
  const found: StepSeries[] = [];
  for (const { labels, series: members } of groupsOf(node, series)) {
    const result = emptySeries(labels, members.some(({ dropName }) => dropName), grid.count);
    for (let step = 0; step < grid.count; step++) {
      let count = 0;
      for (const { present, values } of members) if (present[step] === 1) buffer[count++] = values[step] ?? NaN;
      if (count === 0) continue;
      result.values[step] = kernel(buffer, count, param?.[step] ?? NaN);
      result.present[step] = 1;
      if (evaluation.turns.due(members.length)) await evaluation.turns.turn();
    }
    if (hasPoints(result)) found.push(result);
  }
  return found;
}

/** count_values: how many series of a group have each value, which becomes a label. */
export async function countValues(evaluation: Evaluation, grid: Grid, node: Aggregate, series: readonly StepSeries[], label: string): Promise<StepSeries[]> {
  if (label === '') throw new PromQLExecutionError(`invalid label name ${JSON.stringify(label)}`);
  const grouping = node.without ? node : { ...node, grouping: [...node.grouping, label] };
  const labelling = labelsFor(grouping);
  const found = new Map<string, StepSeries>();
  for (const { labels, values, present } of series) {
    const targets = new Map<number, StepSeries>();
    for (let step = 0; step < grid.count; step++) {
      if (present[step] === 0) continue;
      const value = values[step] ?? NaN;
      let target = targets.get(value);
      if (target === undefined) {
        const group = labelling(withLabel(labels, label, formatPlain(value)));
        const key = labelsKey(group);
        target = found.get(key) ?? emptySeries(group, false, grid.count);
        found.set(key, target);
        targets.set(value, target);
        evaluation.hold(grid.count);
      }
      target.present[step] = 1;
      target.values[step] = (target.values[step] ?? 0) + 1;
    }
    if (evaluation.turns.due(grid.count)) await evaluation.turns.turn();
  }
  return [...found.values()];
}

function groupsOf(node: Aggregate, series: readonly StepSeries[]): Group[] {
  const labelling = labelsFor(node);
  const groups = new Map<string, Group>();
  for (const one of series) {
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

/** topk, bottomk and limitk keep series as they are, at the steps at which they are among the chosen. */
async function selectK(evaluation: Evaluation, grid: Grid, node: Aggregate, series: readonly StepSeries[], param: Float64Array): Promise<StepSeries[]> {
  const most = param.reduce((a, b) => (b > a || Number.isNaN(a) ? b : a), NaN);
  if (most < 1) return [];
  for (const k of param) {
    if (Number.isNaN(k)) throw new PromQLExecutionError('Parameter value is NaN');
    if (k <= -(2 ** 63)) throw new PromQLExecutionError(`Scalar value ${k} underflows int64`);
    if (k >= 2 ** 63) throw new PromQLExecutionError(`Scalar value ${k} overflows int64`);
  }
  const chosen = new Map<StepSeries, StepSeries>();
  for (const { series: members } of groupsOf(node, series)) {
    for (let step = 0; step < grid.count; step++) {
      const k = Math.trunc(param[step] ?? 0);
      if (k < 1) continue;
      for (const member of best(node.op, members.filter(({ present }) => present[step] === 1), step, k)) {
        let kept = chosen.get(member);
        if (kept === undefined) chosen.set(member, (kept = emptySeries(member.labels, member.dropName, grid.count)));
        kept.present[step] = 1;
        kept.values[step] = member.values[step] ?? NaN;
      }
      if (evaluation.turns.due(members.length * 4)) await evaluation.turns.turn();
    }
  }
  return [...chosen.values()];
}

function best(op: Aggregate['op'], members: StepSeries[], step: number, k: number): StepSeries[] {
  if (op === 'limitk') return members.slice(0, k);
  const direction = op === 'topk' ? -1 : 1;
  // NaN is the worst of all for both.
  return members.sort((a, b) => {
    const [left, right] = [a.values[step] ?? NaN, b.values[step] ?? NaN];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : left < right ? -direction : direction;
  }).slice(0, k);
}

function noteQuantiles({ annotations }: Evaluation, param: Float64Array, range: Aggregate['range']): void {
  for (const quantile of new Set(param)) if (Number.isNaN(quantile) || quantile < 0 || quantile > 1) annotations.invalidQuantile(quantile, range);
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
