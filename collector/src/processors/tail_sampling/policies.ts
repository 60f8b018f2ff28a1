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

/** In whole milliseconds. `upperMs` 0: without an end. */
export function latency(thresholdMs: number, upperMs: number): Evaluate {
  return ({ durationMs }) => verdict(durationMs > thresholdMs && (upperMs === 0 || durationMs <= upperMs));
}

/** `max` 0: without an end. */
export function spanCount(min: number, max: number): Evaluate {
  return ({ spans }) => verdict(max === 0 ? spans >= min : spans >= min && spans <= max);
}

const DEFAULT_SALT = 'default-hash-seed';

/** By the FNV-1a hash of salt and trace id, as the Collector's processor does it: the same salt keeps the same traces. */
export function probabilistic(salt: string, percentage: number): Evaluate {
  const [highest, lowest] = thresholdOf(percentage / 100);
  const seed = new Fnv1a().add(salt === '' ? DEFAULT_SALT : Buffer.from(salt).toString('latin1'));
  const hash = new Fnv1a();
  return ({ id }) => {
    hash.begin(seed).add(id);
    return verdict(hash.high < highest || (hash.high === highest && hash.low <= lowest));
  };
}

/** The largest number of 64 bits times the ratio, as two halves. */
function thresholdOf(ratio: number): readonly [number, number] {
  if (ratio >= 1) return [0xffff_ffff, 0xffff_ffff];
  // A double holds 53 bits; further ones are zeros.
  const threshold = (BigInt(Math.floor(ratio * 2 ** 53)) * 0xffff_ffff_ffff_ffffn) >> 53n;
  return [Number(threshold >> 32n), Number(threshold & 0xffff_ffffn)];
}

/** A hash of 64 bits, as two halves. */
class Fnv1a {
  high = 0xcbf29ce4;
  low = 0x84222325;

  begin({ high, low }: Fnv1a): this {
    this.high = high;
    this.low = low;
    return this;
  }

  /** Each character is a byte. */
  add(bytes: string): this {
    let { high, low } = this;
    for (let i = 0; i < bytes.length; i++) {
      low = (low ^ bytes.charCodeAt(i)) >>> 0;
      // Times the prime 2^40 + 435.
      const product = low * 435;
      high = (Math.imul(high, 435) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
      low = product >>> 0;
    }
    this.high = high;
    this.low = low;
    return this;
  }
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
