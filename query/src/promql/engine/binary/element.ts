import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Annotations } from '../../annotations.js';
import type { Binary } from '../../ast.js';
import { sameHistogram } from '../../histogram/compare.js';
import { hinted } from '../../histogram/hints.js';
import { divided, multiplied } from '../../histogram/scale.js';
import { HistogramSum, IncompatibleSchemas } from '../../histogram/sum/sum.js';
import { trimmed } from '../../histogram/trim.js';

export type Sample = number | NativeHistogram;

/** Of what an operator has to say at one step, the last series' is told, in the order of the vector. */
export class StepNotes {
  readonly #last = new Map<number, { readonly order: number; readonly say: (annotations: Annotations) => void }>();

  /** `order`: the series' place in the vector. */
  note(step: number, order: number, say: (annotations: Annotations) => void): void {
    if (order >= (this.#last.get(step)?.order ?? 0)) this.#last.set(step, { order, say });
  }

  tell(annotations: Annotations): void {
    for (const step of [...this.#last.keys()].sort((a, b) => a - b)) this.#last.get(step)?.say(annotations);
  }
}

type Note = (say: (annotations: Annotations) => void) => void;

/** What an operator makes of two samples; `keep`: whether a comparison holds. */
export interface Outcome {
  readonly value: Sample;
  readonly keep: boolean;
}

/** An operator on two samples of which one at least is a histogram, or that trims. Undefined: no result, with a note why. */
export function operateOnHistograms({ op, range }: Binary, left: Sample, right: Sample, note: Note): Outcome | undefined {
  const kept = (value: Sample): Outcome => ({ value, keep: true });
  if (typeof left === 'number') {
    if (typeof right !== 'number' && op === '*') return kept(multiplied(right, left));
  } else if (typeof right === 'number') {
    if (op === '*') return kept(multiplied(left, right));
    if (op === '/') return kept(divided(left, right));
    if (op === '</') return kept(trimmed(left, right, 'below'));
    if (op === '>/') return kept(trimmed(left, right, 'above'));
  } else if (op === '+' || op === '-') {
    return total(op, range, left, right, note);
  } else if (op === '==' || op === '!=') {
    return { value: left, keep: sameHistogram(left, right) === (op === '==') };
  }
  note((annotations) => { annotations.incompatibleTypes(typeof left === 'number' ? 'float' : 'histogram', op, typeof right === 'number' ? 'float' : 'histogram', range); });
  return undefined;
}

function total(op: '+' | '-', range: Binary['range'], left: NativeHistogram, right: NativeHistogram, note: Note): Outcome | undefined {
  const sum = new HistogramSum(left);
  try {
    sum.add(right, op === '+' ? 1 : -1);
  } catch (error) {
    if (!(error instanceof IncompatibleSchemas)) throw error;
    note((annotations) => { annotations.incompatibleLayout(op, range); });
    return undefined;
  }
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (sum.collided) {
    // With a warning there is no result, and nothing else is said.
    note((annotations) => { annotations.counterResetCollision(operation, range); });
    return undefined;
  }
  if (sum.reconciled) note((annotations) => { annotations.boundsReconciled(operation, range); });
  return { value: op === '-' ? hinted(sum.value(), 'gauge') : sum.value(), keep: true };
}
