import type { Labels } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../../event-loop.js';
import { labelValue, labelsKey } from '../../../labels/labels.js';
import type { Binary, Matching, SetOp } from '../../ast.js';
import { isComparison } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { arithmetic } from './arithmetic.js';
import { StepNotes, operateOnHistograms } from './element.js';
import type { Evaluation } from '../evaluation.js';
import { LABELS_WORK, dropLabels, keepLabels, labelsText } from '../values/labels.js';
import { Output } from './matched.js';
import { joined } from '../values/join.js';
import type { Grid, StepSeries } from '../values/values.js';
import { ABSENT, FLOAT, SeriesBuilder, hasPoints, histogramAt, isRange, withPresent } from '../values/values.js';

/** A vector and a scalar. `swapped`: the scalar stands on the left. */
export async function vectorScalar(binary: Binary, series: readonly StepSeries[], scalar: Float64Array, swapped: boolean, { annotations, turns }: Evaluation): Promise<StepSeries[]> {
  const { op, bool } = binary;
  const trims = op === '</' || op === '>/';
  const compute = trims ? null : arithmetic(op);
  const filters = isComparison(op) && !bool;
  const found: StepSeries[] = [];
  const notes = new StepNotes();
  for (const [order, one] of series.entries()) {
    const { values, present } = one;
    const result = SeriesBuilder.empty(one.labels, one.dropName || (!filters && !trims), values.length);
    for (let step = 0; step < values.length; step++) {
      if (present[step] === ABSENT) continue;
      const other = scalar[step] ?? NaN;
      if (present[step] === FLOAT && compute !== null) {
        const value = values[step] ?? NaN;
        const computed = swapped ? compute(other, value) : compute(value, other);
        if (!filters || computed !== 0) result.setFloat(step, filters ? value : computed);
        continue;
      }
      const sample = histogramAt(one, step) ?? values[step] ?? NaN;
      const note: Parameters<typeof operateOnHistograms>[3] = (say) => { notes.note(step, order, say); };
      const outcome = swapped ? operateOnHistograms(binary, other, sample, note) : operateOnHistograms(binary, sample, other, note);
      if (outcome === undefined) continue;
      if (bool) result.setFloat(step, Number(outcome.keep));
      else if (outcome.keep) result.set(step, outcome.value);
    }
    if (hasPoints(result)) found.push(result);
    if (turns.due(values.length)) await turns.turn();
  }
  notes.tell(annotations);
  return found;
}

function signatureOf({ on, labels }: Matching): (of: Labels) => string {
  if (on) return (of) => JSON.stringify(labels.map((name) => labelValue(of, name)));
  const ignored = new Set([...labels, '__name__']);
  return (of) => labelsKey(dropLabels(of, ignored));
}

async function grouped(series: readonly StepSeries[], signature: (of: Labels) => string, turns: Turns): Promise<Map<string, StepSeries[]>> {
  const groups = new Map<string, StepSeries[]>();
  for (const one of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
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
    for (let step = 0; step < count; step++) if (present[step] !== ABSENT) any[step] = 1;
    if (turns.due(count)) await turns.turn();
  }
  return any;
}

/** and, or, unless. */
export async function setOperation(op: SetOp, matching: Matching, left: readonly StepSeries[], right: readonly StepSeries[], grid: Grid, turns: Turns): Promise<StepSeries[]> {
  const { count } = grid;
  const signature = signatureOf(matching);
  const [kept, others] = op === 'or' ? [right, left] : [left, right];
  const there = new Map<string, Uint8Array>();
  for (const [key, group] of await grouped(others, signature, turns)) there.set(key, await presence(group, count, turns));
  const masked: StepSeries[] = [];
  for (const series of kept) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    const other = there.get(signature(series.labels));
    if (other === undefined) {
      if (op !== 'and') masked.push(series);
      continue;
    }
    const wanted = op === 'and' ? 1 : 0;
    const result = withPresent(series, series.present.map((present, step) => (other[step] === wanted ? present : 0)));
    if (hasPoints(result)) masked.push(result);
    if (turns.due(count)) await turns.turn();
  }
  if (op !== 'or') return masked;
  return isRange(grid) && masked.length > 0 ? joined([...left, ...masked], turns) : [...left, ...masked];
}

/** Arithmetic and comparison between two vectors. Throws PromQLExecutionError where a series has more than one partner. */
export async function vectorVector(binary: Binary, left: readonly StepSeries[], right: readonly StepSeries[], count: number, evaluation: Evaluation): Promise<StepSeries[]> {
  const { matching } = binary;
  const { turns } = evaluation;
  const swapped = matching.cardinality === 'one-to-many';
  const [many, one] = swapped ? [right, left] : [left, right];
  const signature = signatureOf(matching);
  const manyGroups = await grouped(many, signature, turns);
  const oneGroups = await grouped(one, signature, turns);
  const fills = matching.fillLeft !== null || matching.fillRight !== null;
  const anyMany = fills ? new Uint8Array(count).fill(1) : await presence(many, count, turns);
  const output = new Output(binary, swapped, count, many);
  for (const [key, partners] of oneGroups) {
    if (turns.due(LABELS_WORK * partners.length)) await turns.turn();
    const chosen = onlyPartner(partners, anyMany, matching, swapped, count);
    await output.group(manyGroups.get(key) ?? [], partners, chosen, turns);
  }
  if (matching.fillRight !== null) {
    for (const [key, group] of manyGroups) if (!oneGroups.has(key)) await output.group(group, [], new Int32Array(count).fill(-1), turns);
  }
  output.notes.tell(evaluation.annotations);
  return output.series();
}

/** Which of the partners has the value at each step, -1 for none. */
function onlyPartner(partners: readonly StepSeries[], anyMany: Uint8Array, matching: Matching, swapped: boolean, count: number): Int32Array {
  const chosen = new Int32Array(count).fill(-1);
  partners.forEach(({ labels, present }, index) => {
    for (let step = 0; step < count; step++) {
      if (present[step] === ABSENT) continue;
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
