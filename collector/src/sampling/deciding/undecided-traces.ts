import type { TraceFacts } from '../trace-facts.js';

/** Undecided traces, the oldest first. */
export class UndecidedTraces {
  readonly #tenants = new Map<string, Map<string, TraceFacts>>();
  #queue: TraceFacts[] = [];
  #head = 0;

  get size(): number {
    return this.#queue.length - this.#head;
  }

  get oldest(): TraceFacts | null {
    return this.#queue[this.#head] ?? null;
  }

  get(tenant: string, id: string): TraceFacts | null {
    return this.#tenants.get(tenant)?.get(id) ?? null;
  }

  add(trace: TraceFacts): void {
    let traces = this.#tenants.get(trace.tenant);
    if (!traces) this.#tenants.set(trace.tenant, (traces = new Map()));
    traces.set(trace.id, trace);
    this.#queue.push(trace);
  }

  /** Takes the oldest out. */
  shift(): void {
    const trace = this.#queue[this.#head++];
    if (!trace) return;
    const traces = this.#tenants.get(trace.tenant);
    traces?.delete(trace.id);
    if (traces?.size === 0) this.#tenants.delete(trace.tenant);
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
