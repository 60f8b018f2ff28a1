import type { Turns } from '../../event-loop.js';
import { labelsHash } from '../../labels/hash.js';
import { sortedInTurns } from '../../sorted-in-turns.js';
import type { Aggregate } from '../ast.js';
import { PromQLExecutionError } from '../error.js';
import { formatG } from '../number-text.js';
import type { Group } from './aggregate.js';
import type { Evaluation } from './evaluation.js';
import type { Grid, StepSeries } from './values.js';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder } from './values.js';

/** topk, bottomk, limitk and limit_ratio keep series as they are, at the steps at which they are among the chosen. */
export async function selectSome(evaluation: Evaluation, grid: Grid, node: Aggregate, groups: readonly Group[], param: Float64Array): Promise<StepSeries[]> {
  const choose = node.op === 'limit_ratio' ? await byRatio(evaluation, node, groups, param) : byCount(evaluation, node, param);
  if (choose === null) return [];
  const chosen = new Map<StepSeries, SeriesBuilder>();
  for (const { series: members } of groups) {
    for (let step = 0; step < grid.count; step++) {
      for (const member of await choose(members.filter(({ present }) => present[step] !== ABSENT), step)) {
        let kept = chosen.get(member);
        if (kept === undefined) chosen.set(member, (kept = new SeriesBuilder(member.labels, member.dropName, grid.count)));
        kept.copy(step, member);
      }
      if (evaluation.turns.due(members.length * 4)) await evaluation.turns.turn();
    }
  }
  return [...chosen.values()];
}

type Choice = (members: StepSeries[], step: number) => readonly StepSeries[] | Promise<readonly StepSeries[]>;

/** Null: none is chosen at any step. */
function byCount({ annotations, turns }: Evaluation, node: Aggregate, param: Float64Array): Choice | null {
  const most = param.reduce((a, b) => (b > a || Number.isNaN(a) ? b : a), NaN);
  if (most < 1) return null;
  if (param.some((k) => Number.isNaN(k))) throw new PromQLExecutionError('Parameter value is NaN');
  const least = param.reduce((a, b) => Math.min(a, b), Infinity);
  if (least <= -(2 ** 63)) throw new PromQLExecutionError(`Scalar value ${formatG(least)} underflows int64`);
  if (most >= 2 ** 63) throw new PromQLExecutionError(`Scalar value ${formatG(most)} overflows int64`);
  return (members, step) => {
    const k = Math.trunc(param[step] ?? 0);
    if (k < 1) return [];
    if (node.op === 'limitk') return members.slice(0, k);
    if (members.some(({ present }) => present[step] === HISTOGRAM)) annotations.histogramIgnoredInAggregation(node.op, node.range);
    return best(node.op, members.filter(({ present }) => present[step] === FLOAT), step, k, turns);
  };
}

/** The `k` first; of equal ones those that come first. */
async function best(op: Aggregate['op'], members: readonly StepSeries[], step: number, k: number, turns: Turns): Promise<readonly StepSeries[]> {
  const direction = op === 'topk' ? -1 : 1;
  // NaN is the worst of all for both.
  const order = (a: StepSeries, b: StepSeries) => {
    const [left, right] = [a.values[step] ?? NaN, b.values[step] ?? NaN];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : left < right ? -direction : direction;
  };
  if (k > FEW || members.length <= FEW) return (await sortedInTurns(members, order, turns)).slice(0, k);
  const chosen: StepSeries[] = [];
  for (const member of members) {
    const last = chosen[chosen.length - 1];
    if (chosen.length === k && last !== undefined && order(member, last) >= 0) continue;
    let at = chosen.length;
    while (at > 0 && order(member, chosen[at - 1] as StepSeries) < 0) at--;
    chosen.splice(at, 0, member);
    if (chosen.length > k) chosen.pop();
  }
  return chosen;
}

/** So many are kept in order while the others are looked at; of more all are sorted. */
const FEW = 50;

/** A share of the series, always the same ones: those whose hash lies in the first part, for a negative ratio in the last. */
async function byRatio({ annotations, turns }: Evaluation, node: Aggregate, groups: readonly Group[], param: Float64Array): Promise<Choice | null> {
  if (param.every((ratio) => ratio === 0)) return null;
  if (param.some((ratio) => Number.isNaN(ratio))) throw new PromQLExecutionError('Ratio value is NaN');
  const [least, most] = [Math.min(...param), Math.max(...param)];
  const range = node.param?.range ?? node.range;
  if (most > 1) annotations.invalidRatio(most, 1, range);
  if (least < -1) annotations.invalidRatio(least, -1, range);
  const places = new Map<StepSeries, number>();
  for (const { series } of groups) {
    for (const member of series) {
      places.set(member, Number(labelsHash(member.labels)) / 2 ** 64);
      if (turns.due(HASH_WORK)) await turns.turn();
    }
  }
  return (members, step) => {
    const ratio = Math.max(-1, Math.min(1, param[step] ?? 0));
    return members.filter((member) => {
      const place = places.get(member) ?? 0;
      return ratio >= 0 ? place < ratio : place >= 1 + ratio;
    });
  };
}

/** What a hash costs, in samples. */
const HASH_WORK = 512;
