import type { Attributes } from '@signalbox/signals/model/attributes';
import type { EvaluationContext } from '../evaluation-context.js';
import type { OttlValue, ValueType } from '../values.js';

/** @throws OttlFailure */
export type Evaluate<T = OttlValue> = (context: EvaluationContext) => T;

/** A compiled value. `type` is what is known of it before it is evaluated. */
export interface Expression {
  readonly type: ValueType;
  readonly get: Evaluate;
  /** Of literals: the value itself. */
  readonly constant?: { readonly value: OttlValue };
  /** Of lists that are written out: their items. */
  readonly items?: readonly Expression[];
  /** Of paths that can be written. */
  readonly set?: (context: EvaluationContext, value: OttlValue) => void;
  /** Of paths to a whole map: its list, without a wrapper. */
  readonly entries?: Evaluate<Attributes>;
  readonly setEntries?: (context: EvaluationContext, entries: Attributes) => void;
}

export function constant(value: OttlValue, type: ValueType): Expression {
  return { type, get: () => value, constant: { value } };
}
