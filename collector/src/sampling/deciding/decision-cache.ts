import type { DecisionReason } from '../records/decision-reason.js';

export interface CachedDecision {
  readonly reason: DecisionReason;
  /** Of the trace when it was decided. */
  readonly spans: number;
  readonly durationMs: number;
  /** Unix time. */
  readonly decidedMs: number;
}

/** Decisions of one kind: so many, those not asked for longest go first. */
class Remembered {
  readonly decisions = new Map<string, CachedDecision>();
  /** Stands behind what went; a new one would pass over the places of all that went before. */
  #oldest = this.decisions.keys();

  constructor(private readonly size: number) {}

  add(key: string, decision: CachedDecision): void {
    this.decisions.set(key, decision);
    if (this.decisions.size > this.size) this.decisions.delete(this.#oldest.next().value!);
  }

  get(key: string): CachedDecision | null {
    const found = this.decisions.get(key);
    if (!found) return null;
    this.decisions.delete(key);
    this.decisions.set(key, found);
    return found;
  }

  clear(): void {
    this.decisions.clear();
    this.#oldest = this.decisions.keys();
  }
}

/** What was decided lately, for spans that come late. */
export class DecisionCache {
  readonly #sampled: Remembered;
  readonly #notSampled: Remembered;

  constructor({ sampledCacheSize, notSampledCacheSize }: { readonly sampledCacheSize: number; readonly notSampledCacheSize: number }) {
    this.#sampled = new Remembered(sampledCacheSize);
    this.#notSampled = new Remembered(notSampledCacheSize);
  }

  get size(): number {
    return this.#sampled.decisions.size + this.#notSampled.decisions.size;
  }

  /** The first decision stands. */
  remember(tenant: string, id: string, decision: CachedDecision): void {
    const key = traceKey(tenant, id);
    if (this.#sampled.decisions.has(key) || this.#notSampled.decisions.has(key)) return;
    (decision.reason.sampled ? this.#sampled : this.#notSampled).add(key, decision);
  }

  get(tenant: string, id: string): CachedDecision | null {
    const key = traceKey(tenant, id);
    return this.#notSampled.get(key) ?? this.#sampled.get(key);
  }

  /** By key: id and tenant. What goes first comes first. */
  *entries(): Generator<readonly [string, CachedDecision]> {
    yield* this.#sampled.decisions;
    yield* this.#notSampled.decisions;
  }

  clear(): void {
    this.#sampled.clear();
    this.#notSampled.clear();
  }
}

/** The id's 16 bytes as characters (latin1), then the tenant. */
export function traceKey(tenant: string, id: string): string {
  return id + tenant;
}
