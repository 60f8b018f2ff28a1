/** What this agent uses of prom-client's Registry; getMetricsAsArray is public, the default labels are not. */
export interface Registry {
  getMetricsAsArray(): readonly PromMetric[];
  readonly _defaultLabels?: Readonly<Record<string, string | number>>;
}

/** A metric of prom-client's, of which only this is used. */
export interface PromMetric {
  get(): Promise<PromFamily>;
}

/** What prom-client's `get` answers, in all its types. */
export interface PromFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values?: readonly PromValue[];
}

export interface PromValue {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string | number>>;
  /** Histograms and summaries: with `_bucket`, `_sum` or `_count` behind. */
  readonly metricName?: string;
  readonly exemplar?: PromExemplar | null;
}

export interface PromExemplar {
  readonly labelSet: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Unix seconds. */
  readonly timestamp?: number;
}

/** A metric with the default labels of the registry that it was found in. */
export interface FoundMetric {
  readonly metric: PromMetric;
  readonly defaultLabels: Readonly<Record<string, string | number>>;
}

/** The registries of this process. They are held weakly: a registry that the application lets go is gone here as well. */
export class Registries {
  readonly #known = new WeakSet<Registry>();
  #references: WeakRef<Registry>[] = [];

  add(registry: Registry): void {
    if (this.#known.has(registry)) return;
    this.#known.add(registry);
    this.#references.push(new WeakRef(registry));
  }

  /** All metrics, each once: a merged registry holds those of others again. */
  metrics(): readonly FoundMetric[] {
    const found = new Map<PromMetric, FoundMetric>();
    const alive = this.#references.flatMap((reference) => reference.deref() ?? []);
    if (alive.length < this.#references.length) this.#references = this.#references.filter((reference) => reference.deref() !== undefined);
    for (const registry of alive) {
      for (const metric of registry.getMetricsAsArray()) {
        if (!found.has(metric)) found.set(metric, { metric, defaultLabels: registry._defaultLabels ?? {} });
      }
    }
    return [...found.values()];
  }
}
