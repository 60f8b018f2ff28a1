import { labelsHash } from '../../../labels/hash.js';
import type { Aggregate } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { formatG } from '../../numbers/number-text.js';
import type { Group } from './aggregate.js';
import type { Evaluation } from '../evaluation.js';
import { bestOf } from './best.js';
import { extentOf } from './extent.js';
import type { Grid, StepSeries } from '../values/values.js';
import { ABSENT, HISTOGRAM, SeriesBuilder, isRange } from '../values/values.js';

/** topk, bottomk, limitk and limit_ratio keep series as they are, at the steps at which they are among the chosen. */
export async function selectSome(evaluation: Evaluation, grid: Grid, node: Aggregate, groups: readonly Group[], param: Float64Array): Promise<StepSeries[]> {
  const choose = node.op === 'limit_ratio' ? await byRatio(evaluation, node, groups, param) : byCount(evaluation, grid, node, param);
  if (choose === null) return [];
  const chosen = new Map<StepSeries, SeriesBuilder>();
  for (const { series: members } of groups) {
    for (let step = 0; step < grid.count; step++) {
      const picked = choose(members, step);
      for (const member of picked instanceof Promise ? await picked : picked) {
        let kept = chosen.get(member);
        if (kept === undefined) chosen.set(member, (kept = SeriesBuilder.empty(member.labels, member.dropName, grid.count)));
        kept.copy(step, member);
      }
      if (evaluation.turns.due(members.length * 4)) await evaluation.turns.turn();
    }
  }
  return [...chosen.values()];
}

/** Of the members of a group that are there at a step. */
type Choice = (members: readonly StepSeries[], step: number) => readonly StepSeries[] | Promise<readonly StepSeries[]>;

/** Null: none is chosen at any step. */
function byCount({ annotations, turns }: Evaluation, grid: Grid, node: Aggregate, param: Float64Array): Choice | null {
  const { least, most, someNaN } = extentOf(param);
  if (most < 1) return null;
  if (someNaN) throw new PromQLExecutionError('Parameter value is NaN');
  if (least <= -(2 ** 63)) throw new PromQLExecutionError(`Scalar value ${formatG(least)} underflows int64`);
  if (most >= 2 ** 63) throw new PromQLExecutionError(`Scalar value ${formatG(most)} overflows int64`);
  return (members, step) => {
    const k = Math.trunc(param[step] ?? 0);
    if (k < 1) return [];
    if (node.op === 'limitk') return firstOf(members, step, k);
    if (members.some(({ present }) => present[step] === HISTOGRAM)) annotations.histogramIgnoredInAggregation(node.op, node.range);
    return bestOf(node.op === 'topk', members, step, k, !isRange(grid), turns);
  };
}

function firstOf(members: readonly StepSeries[], step: number, k: number): StepSeries[] {
  const found: StepSeries[] = [];
  for (let i = 0; i < members.length && found.length < k; i++) if (members[i]?.present[step] !== ABSENT) found.push(members[i] as StepSeries);
  return found;
}

/** A share of the series, always the same ones: those whose hash lies in the first part, for a negative ratio in the last. */
async function byRatio({ annotations, turns }: Evaluation, node: Aggregate, groups: readonly Group[], param: Float64Array): Promise<Choice | null> {
  if (param.every((ratio) => ratio === 0)) return null;
  const { least, most, someNaN } = extentOf(param);
  if (someNaN) throw new PromQLExecutionError('Ratio value is NaN');
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
      if (member.present[step] === ABSENT) return false;
      const place = places.get(member) ?? 0;
      return ratio >= 0 ? place < ratio : place >= 1 + ratio;
    });
  };
}

/** What a hash costs, in samples. */
const HASH_WORK = 512;
