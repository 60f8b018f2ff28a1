import type { Aggregate } from '../../ast.js';
import type { Evaluation } from '../evaluation.js';
import { extentOf } from './extent.js';

/** Of a quantile at all steps the least and the greatest are told that are wrong, and what is no number. */
export function noteQuantiles({ annotations }: Evaluation, { op, param }: Aggregate, values: Float64Array | null): void {
  if (op !== 'quantile' || values === null || param === null) return;
  const { least, most, someNaN } = extentOf(values);
  if (someNaN) annotations.invalidQuantile(NaN, param.range);
  if (most > 1) annotations.invalidQuantile(most, param.range);
  if (least < 0) annotations.invalidQuantile(least, param.range);
}
