import type { PolicyVerdict, TraceDecision } from '../trace-sampler.js';

/** Why a trace was decided as it was; of equal ones there is one only. */
export interface DecisionReason extends TraceDecision {
  /** There were too many undecided traces, so that it was not waited for as long as set. */
  readonly early: boolean;
}

/** Policies are few, so that of many decisions few differ in their reason. */
export class DecisionReasons {
  readonly #known = new Map<string, DecisionReason>();
  /** Samplers give the same objects again and again. */
  readonly #inTime = new WeakMap<TraceDecision, DecisionReason>();
  readonly #early = new WeakMap<TraceDecision, DecisionReason>();

  of(decision: TraceDecision, early: boolean): DecisionReason {
    const seen = early ? this.#early : this.#inTime;
    let reason = seen.get(decision);
    if (!reason) seen.set(decision, (reason = this.#equal(decision, early)));
    return reason;
  }

  #equal({ sampled, policy, verdicts }: TraceDecision, early: boolean): DecisionReason {
    const key = keyOf(sampled, policy, verdicts, early);
    let reason = this.#known.get(key);
    if (!reason) this.#known.set(key, (reason = { sampled, policy, verdicts, early }));
    return reason;
  }
}

function keyOf(sampled: boolean, policy: string, verdicts: readonly { readonly policy: string; readonly verdict: PolicyVerdict }[], early: boolean): string {
  let key = `${sampled}\0${early}\0${policy}`;
  for (const each of verdicts) key += `\0${each.policy}\0${each.verdict}`;
  return key;
}
