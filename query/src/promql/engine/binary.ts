import type { Labels } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../event-loop.js';
import { labelValue, labelsKey } from '../../labels/labels.js';
import type { Binary, BinaryOp, Matching, SetOp } from '../ast.js';
import { isComparison } from '../ast.js';
import { PromQLExecutionError } from '../error.js';
import { power } from '../functions/math.js';
import { dropLabels, keepLabels, labelsText, withLabel, withoutMetadata } from './labels.js';
import type { StepSeries } from './values.js';
import { emptySeries, hasPoints } from './values.js';

/** The result of an operator on two numbers; a comparison's is whether it holds. */
export function arithmetic(op: BinaryOp): (left: number, right: number) => number {
  switch (op) {
    case '+': return (left, right) => left + right;
    case '-': return (left, right) => left - right;
    case '*': return (left, right) => left * right;
    case '/': return (left, right) => left / right;
    case '%': return (left, right) => left % right;
    case '^': return power;
    case 'atan2': return Math.atan2;
    case '==': return (left, right) => Number(left === right);
    case '!=': return (left, right) => Number(left !== right);
    case '>': return (left, right) => Number(left > right);
    case '<': return (left, right) => Number(left < right);
    case '>=': return (left, right) => Number(left >= right);
    case '<=': return (left, right) => Number(left <= right);
    default: throw new Error(`${op} is no operator on numbers`);
  }
}

/** A vector and a scalar. `swapped`: the scalar stands on the left. */
export async function vectorScalar({ op, bool }: Binary, series: readonly StepSeries[], scalar: Float64Array, swapped: boolean, turns: Turns): Promise<StepSeries[]> {
  const compute = arithmetic(op);
  const filters = isComparison(op) && !bool;
  const found: StepSeries[] = [];
  for (const { labels, dropName, values, present } of series) {
    const result = emptySeries(labels, dropName || !filters, values.length);
    for (let step = 0; step < values.length; step++) {
      if (present[step] === 0) continue;
      const [value, other] = [values[step] ?? NaN, scalar[step] ?? NaN];
      const computed = swapped ? compute(other, value) : compute(value, other);
      if (filters && computed === 0) continue;
      result.values[step] = filters ? value : computed;
      result.present[step] = 1;
    }
    if (hasPoints(result)) found.push(result);
    if (turns.due(values.length)) await turns.turn();
  }
  return found;
}

function signatureOf({ on, labels }: Matching): (of: Labels) => string {
  if (on) return (of) => JSON.stringify(labels.map((name) => labelValue(of, name)));
  const ignored = new Set([...labels, '__name__']);
  return (of) => labelsKey(dropLabels(of, ignored));
}

function grouped(series: readonly StepSeries[], signature: (of: Labels) => string): Map<string, StepSeries[]> {
  const groups = new Map<string, StepSeries[]>();
  for (const one of series) {
    const key = signature(one.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** Steps at which any of the series has a value. */
async function presence(series: readonly StepSeries[], count: number, turns: Turns): Promise<Uint8Array> {
  const any = new Uint8Array(count);
  for (const { present } of series) {
    for (let step = 0; step < count; step++) any[step] = (any[step] ?? 0) | (present[step] ?? 0);
    if (turns.due(count)) await turns.turn();
  }
  return any;
}

/** and, or, unless. */
export async function setOperation(op: SetOp, matching: Matching, left: readonly StepSeries[], right: readonly StepSeries[], count: number, turns: Turns): Promise<StepSeries[]> {
  const signature = signatureOf(matching);
  const [kept, others] = op === 'or' ? [right, left] : [left, right];
  const there = new Map<string, Uint8Array>();
  for (const [key, group] of grouped(others, signature)) there.set(key, await presence(group, count, turns));
  const masked: StepSeries[] = [];
  for (const series of kept) {
    const other = there.get(signature(series.labels));
    if (other === undefined) {
      if (op !== 'and') masked.push(series);
      continue;
    }
    const wanted = op === 'and' ? 1 : 0;
    const result = { ...series, present: series.present.map((present, step) => (other[step] === wanted ? present : 0)) };
    if (hasPoints(result)) masked.push(result);
    if (turns.due(count)) await turns.turn();
  }
  return op === 'or' ? [...left, ...masked] : masked;
}

/** Arithmetic and comparison between two vectors. Throws PromQLExecutionError where a series has more than one partner. */
export async function vectorVector(binary: Binary, left: readonly StepSeries[], right: readonly StepSeries[], count: number, turns: Turns): Promise<StepSeries[]> {
  const { matching } = binary;
  const swapped = matching.cardinality === 'one-to-many';
  const [many, one] = swapped ? [right, left] : [left, right];
  const signature = signatureOf(matching);
  const manyGroups = grouped(many, signature);
  const anyMany = await presence(many, count, turns);
  const output = new Output(binary, swapped, count);
  for (const [key, partners] of grouped(one, signature)) {
    const chosen = onlyPartner(partners, anyMany, matching, swapped, count);
    await output.group(manyGroups.get(key) ?? [], partners, chosen, turns);
  }
  return output.series();
}

/** Which of the partners has the value at each step, -1 for none. */
function onlyPartner(partners: readonly StepSeries[], anyMany: Uint8Array, matching: Matching, swapped: boolean, count: number): Int32Array {
  const chosen = new Int32Array(count).fill(-1);
  partners.forEach(({ labels, present }, index) => {
    for (let step = 0; step < count; step++) {
      if (present[step] === 0) continue;
      const other = chosen[step] ?? -1;
      if (other >= 0 && anyMany[step] === 1) {
        const names = [labelsText(labels), labelsText(partners[other]?.labels ?? [])].sort();
        const shared = matching.on ? keepLabels(labels, new Set(matching.labels)) : dropLabels(labels, new Set([...matching.labels, '__name__']));
        throw new PromQLExecutionError(`found duplicate series for the match group ${labelsText(shared)} on the ${swapped ? 'left' : 'right'} hand-side of the operation: [${names.join(', ')}]`
          + ';many-to-many matching not allowed: matching labels must be unique on one side');
      }
      chosen[step] = index;
    }
  });
  return chosen;
}

/** Collects results by their labels. */
class Output {
  readonly #byLabels = new Map<string, StepSeries>();
  readonly #compute: (left: number, right: number) => number;
  readonly #filters: boolean;

  constructor(readonly binary: Binary, readonly swapped: boolean, readonly count: number) {
    this.#compute = arithmetic(binary.op);
    this.#filters = isComparison(binary.op) && !binary.bool;
  }

  /** Series of the many side with equal signatures, and their partners on the one side. */
  async group(series: readonly StepSeries[], partners: readonly StepSeries[], chosen: Int32Array, turns: Turns): Promise<void> {
    const oneToOne = this.binary.matching.cardinality === 'one-to-one';
    // What matched at a step, whether its value is kept or not: there may be one of each.
    const matched = oneToOne ? new Uint8Array(this.count) : new Map<StepSeries, Uint8Array>();
    for (const one of series) {
      const targets: (StepSeries | undefined)[] = [];
      for (let step = 0; step < this.count; step++) {
        const index = chosen[step] ?? -1;
        const partner = partners[index];
        if (one.present[step] === 0 || partner === undefined) continue;
        const target = (targets[index] ??= this.#target(one, partner));
        if (matched instanceof Uint8Array) {
          if (matched[step] === 1) throw new PromQLExecutionError('multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)');
          matched[step] = 1;
        } else {
          let steps = matched.get(target);
          if (steps === undefined) matched.set(target, (steps = new Uint8Array(this.count)));
          if (steps[step] === 1) throw new PromQLExecutionError('multiple matches for labels: grouping labels must ensure unique matches');
          steps[step] = 1;
        }
        this.#put(target, step, one.values[step] ?? NaN, partner.values[step] ?? NaN);
      }
      if (turns.due(this.count)) await turns.turn();
    }
  }

  series(): StepSeries[] {
    return [...this.#byLabels.values()].filter(hasPoints);
  }

  #put(target: StepSeries, step: number, many: number, one: number): void {
    const [left, right] = this.swapped ? [one, many] : [many, one];
    const computed = this.#compute(left, right);
    if (this.#filters && computed === 0) return;
    if (target.present[step] === 1) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
    target.present[step] = 1;
    target.values[step] = this.#filters ? left : computed;
  }

  #target(many: StepSeries, one: StepSeries): StepSeries {
    const { matching, op, bool } = this.binary;
    let labels = isComparison(op) ? many.labels : withoutMetadata(many.labels);
    if (matching.cardinality === 'one-to-one') {
      const names = new Set(matching.labels);
      labels = matching.on ? keepLabels(labels, names) : dropLabels(labels, names);
    }
    for (const name of matching.include) labels = withLabel(labels, name, labelValue(one.labels, name));
    const key = labelsKey(labels);
    let target = this.#byLabels.get(key);
    if (target === undefined) this.#byLabels.set(key, (target = emptySeries(labels, bool, this.count)));
    return target;
  }
}
