import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Annotations } from '../annotations.js';
import type { Binary } from '../ast.js';
import { sameHistogram } from '../histogram/compare.js';
import { divided, multiplied } from '../histogram/scale.js';
import { HistogramSum, IncompatibleSchemas } from '../histogram/sum.js';
import { trimmed } from '../histogram/trim.js';

export type Sample = number | NativeHistogram;

/** What an operator makes of two samples; `keep`: whether a comparison holds. */
export interface Outcome {
  readonly value: Sample;
  readonly keep: boolean;
}

/** An operator on two samples of which one at least is a histogram, or that trims. Undefined: no result, with a note why. */
export function operateOnHistograms({ op, range }: Binary, left: Sample, right: Sample, annotations: Annotations): Outcome | undefined {
  const kept = (value: Sample): Outcome => ({ value, keep: true });
  if (typeof left === 'number') {
    if (typeof right !== 'number' && op === '*') return kept(multiplied(right, left));
  } else if (typeof right === 'number') {
    if (op === '*') return kept(multiplied(left, right));
    if (op === '/') return kept(divided(left, right));
    if (op === '</') return kept(trimmed(left, right, 'below'));
    if (op === '>/') return kept(trimmed(left, right, 'above'));
  } else if (op === '+' || op === '-') {
    return total(op, range, left, right, annotations);
  } else if (op === '==' || op === '!=') {
    return { value: left, keep: sameHistogram(left, right) === (op === '==') };
  }
  annotations.incompatibleTypes(typeof left === 'number' ? 'float' : 'histogram', op, typeof right === 'number' ? 'float' : 'histogram', range);
  return undefined;
}

function total(op: '+' | '-', range: Binary['range'], left: NativeHistogram, right: NativeHistogram, annotations: Annotations): Outcome | undefined {
  const sum = new HistogramSum(left);
  try {
    sum.add(right, op === '+' ? 1 : -1);
  } catch (error) {
    if (!(error instanceof IncompatibleSchemas)) throw error;
    annotations.incompatibleLayout(op, range);
    return undefined;
  }
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (sum.collided) {
    // With a warning there is no result, and nothing else is said.
    annotations.counterResetCollision(operation, range);
    return undefined;
  }
  if (sum.reconciled) annotations.boundsReconciled(operation, range);
  return { value: op === '-' ? { ...sum.value(), counterReset: 'gauge' } : sum.value(), keep: true };
}
