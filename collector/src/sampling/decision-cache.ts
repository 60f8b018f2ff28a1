import type { DecisionReason } from './decision-reason.js';

export interface CachedDecision {
  readonly reason: DecisionReason;
  /** Of the trace when it was decided. */
  readonly spans: number;
  readonly durationMs: number;
  /** Unix time. */
  readonly decidedMs: number;
}

/** What was decided lately, for spans that come late: so many of each kind, those not asked for longest go first. */
export class DecisionCache {
  readonly #sampled = new Map<string, CachedDecision>();
  readonly #notSampled = new Map<string, CachedDecision>();

  constructor(private readonly sizes: { readonly sampledCacheSize: number; readonly notSampledCacheSize: number }) {}

  get size(): number {
    return this.#sampled.size + this.#notSampled.size;
  }

  /** The first decision stands. */
  remember(tenant: string, id: string, decision: CachedDecision): void {
    const key = traceKey(tenant, id);
    if (this.#sampled.has(key) || this.#notSampled.has(key)) return;
    const [map, size] = decision.reason.sampled ? [this.#sampled, this.sizes.sampledCacheSize] : [this.#notSampled, this.sizes.notSampledCacheSize];
    map.set(key, decision);
    if (map.size > size) map.delete(map.keys().next().value!);
  }

  get(tenant: string, id: string): CachedDecision | null {
    const key = traceKey(tenant, id);
    for (const map of [this.#sampled, this.#notSampled]) {
      const found = map.get(key);
      if (!found) continue;
      map.delete(key);
      map.set(key, found);
      return found;
    }
    return null;
  }

  /** By key: id and tenant. What goes first comes first. */
  *entries(): Generator<readonly [string, CachedDecision]> {
    yield* this.#sampled;
    yield* this.#notSampled;
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
