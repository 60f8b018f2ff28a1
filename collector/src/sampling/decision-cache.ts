export interface CachedDecision {
  readonly sampled: boolean;
  readonly policy: string;
  /** On the journal's clock. */
  readonly decidedMs: number;
}

/** What was decided lately, for spans that come late: so many of each kind, those not asked for longest go first. */
export class DecisionCache {
  readonly #sampled = new Map<string, CachedDecision>();
  readonly #notSampled = new Map<string, CachedDecision>();

  constructor(private readonly sizes: { readonly sampledCacheSize: number; readonly notSampledCacheSize: number }) {}

  /** The first decision stands. */
  remember(tenant: string, id: string, decision: CachedDecision): void {
    const key = keyOf(tenant, id);
    if (this.#sampled.has(key) || this.#notSampled.has(key)) return;
    const [map, size] = decision.sampled ? [this.#sampled, this.sizes.sampledCacheSize] : [this.#notSampled, this.sizes.notSampledCacheSize];
    map.set(key, decision);
    if (map.size > size) map.delete(map.keys().next().value!);
  }

  get(tenant: string, id: string): CachedDecision | null {
    const key = keyOf(tenant, id);
    for (const map of [this.#sampled, this.#notSampled]) {
      const found = map.get(key);
      if (!found) continue;
      map.delete(key);
      map.set(key, found);
      return found;
    }
    return null;
  }
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}\0${id}`;
}
