import type { TraceFacts } from '../../sampling/trace-facts.js';
import type { PolicyVerdict } from '../../sampling/trace-sampler.js';

/** `nowMs` on the journal's clock, so that what depends on it comes out the same when it is read again. */
export interface Policy {
  readonly name: string;
  readonly evaluate: (trace: TraceFacts, nowMs: number) => PolicyVerdict;
}

type Evaluate = Policy['evaluate'];

const verdict = (sampled: boolean): PolicyVerdict => (sampled ? 'sampled' : 'not_sampled');

export function always(): Evaluate {
  return () => 'sampled';
}

export function met(condition: number): Evaluate {
  return (trace) => verdict(trace.met(condition));
}

/** Where no span meets the condition. */
export function inverted(condition: number): Evaluate {
  return (trace) => verdict(!trace.met(condition));
}

/** `upperMs` 0: without an end. */
export function latency(thresholdMs: number, upperMs: number): Evaluate {
  return ({ durationMs }) => verdict(upperMs === 0 ? durationMs >= thresholdMs : durationMs > thresholdMs && durationMs <= upperMs);
}

/** `max` 0: without an end. */
export function spanCount(min: number, max: number): Evaluate {
  return ({ spans }) => verdict(max === 0 ? spans >= min : spans >= min && spans <= max);
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const U64 = 0xffff_ffff_ffff_ffffn;
const DEFAULT_SALT = 'default-hash-seed';

/** By the FNV-1a hash of salt and trace id, as the Collector's processor does it: the same salt keeps the same traces. */
export function probabilistic(salt: string, percentage: number): Evaluate {
  const threshold = thresholdOf(percentage / 100);
  const seed = fnv1a(FNV_OFFSET, Buffer.from(salt === '' ? DEFAULT_SALT : salt));
  return ({ id }) => verdict(fnv1a(seed, Buffer.from(id, 'latin1')) <= threshold);
}

/** The largest number of 64 bits times the ratio. */
function thresholdOf(ratio: number): bigint {
  if (ratio >= 1) return U64;
  // A double holds 53 bits; further ones are zeros.
  return (BigInt(Math.floor(ratio * 2 ** 53)) * U64) >> 53n;
}

function fnv1a(seed: bigint, bytes: Uint8Array): bigint {
  let hash = seed;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & U64;
  return hash;
}

/** What is counted anew each second. */
class SecondCount {
  count = 0;
  #second = -1;

  at(nowMs: number): this {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.count = 0;
    this.#second = second;
    return this;
  }
}

export function rateLimit(spansPerSecond: number): Evaluate {
  const spans = new SecondCount();
  return (trace, nowMs) => {
    const fits = spans.at(nowMs).count + trace.spans <= spansPerSecond;
    if (fits) spans.count += trace.spans;
    return verdict(fits);
  };
}

/** A bucket that is full at first and fills as time passes. `burst` 0: twice what a second gives. */
export function bytesLimit(bytesPerSecond: number, burst: number): Evaluate {
  const capacity = burst > 0 ? burst : 2 * bytesPerSecond;
  let tokens = capacity;
  let filledMs: number | null = null;
  return ({ bytes }, nowMs) => {
    tokens = Math.min(capacity, tokens + ((nowMs - (filledMs ?? nowMs)) / 1000) * bytesPerSecond);
    filledMs = nowMs;
    const fits = bytes <= tokens;
    if (fits) tokens -= bytes;
    return verdict(fits);
  };
}

export function not({ evaluate }: Policy): Evaluate {
  return (trace, nowMs) => verdict(!wants(evaluate(trace, nowMs)));
}

/** Sampled where each of them says so. */
export function allOf(policies: readonly Policy[]): Evaluate {
  return (trace, nowMs) => verdict(policies.every(({ evaluate }) => wants(evaluate(trace, nowMs))));
}

/** Against the trace where each of them holds, whatever the policies beside it say. */
export function dropIf(policies: readonly Policy[]): Evaluate {
  return (trace, nowMs) => (policies.every(({ evaluate }) => wants(evaluate(trace, nowMs))) ? 'dropped' : 'not_sampled');
}

/** The first of them that wants a trace decides, within its share of the spans in a second. */
export function composite(policies: readonly { readonly policy: Policy; readonly spansPerSecond: number }[], maxSpansPerSecond: number): Evaluate {
  const counts = policies.map(() => new SecondCount());
  return (trace, nowMs) => {
    const i = policies.findIndex(({ policy }) => wants(policy.evaluate(trace, nowMs)));
    if (i < 0) return 'not_sampled';
    const spans = counts[i].at(nowMs);
    const fits = spans.count + trace.spans <= Math.min(policies[i].spansPerSecond, maxSpansPerSecond);
    if (fits) spans.count += trace.spans;
    return verdict(fits);
  };
}

export function wants(said: PolicyVerdict): boolean {
  return said === 'sampled';
}
