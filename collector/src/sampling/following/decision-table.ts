import type { Decided } from '../records/decision-record.js';

interface Entry extends Decided {
  /** Of the same trace, later in the journal. */
  next: Entry | null;
}

interface Chapter {
  readonly tenant: string;
  readonly entries: readonly Entry[];
  /** No frame behind it is decided by these. */
  readonly to: number;
}

/**
 * Decisions by trace, for the frames that a reader has before it. Each says for which frames it stands; of several for one frame
 * the first in the journal's order does.
 */
export class DecisionTable {
  readonly #tenants = new Map<string, Map<string, Entry>>();
  readonly #chapters: Chapter[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds what a frame of decisions holds, in the journal's order. */
  add(tenant: string, decisions: readonly Decided[]): void {
    if (decisions.length === 0) return;
    let traces = this.#tenants.get(tenant);
    if (!traces) this.#tenants.set(tenant, (traces = new Map()));
    let to = 0;
    const entries = decisions.map((decided): Entry => {
      to = Math.max(to, decided.to);
      const first = traces.get(decided.id);
      // Decided twice (the program ended in between): the first decision stands, for as far as either reaches.
      const entry: Entry = { ...decided, sampled: standing(first, decided), next: null };
      if (!first) traces.set(decided.id, entry);
      else last(first).next = entry;
      return entry;
    });
    this.#size += entries.length;
    this.#chapters.push({ tenant, entries, to });
  }

  /** Null where nothing is known of the trace at this position. */
  find(tenant: string, id: string, position: number): Decided | null {
    for (let entry = this.#tenants.get(tenant)?.get(id) ?? null; entry !== null; entry = entry.next) {
      if (entry.from <= position && position <= entry.to) return entry;
    }
    return null;
  }

  /** Nothing before this position is asked any more. */
  forget(before: number): void {
    while (this.#chapters.length > 0 && this.#chapters[0]!.to < before) this.#drop(this.#chapters.shift()!);
  }

  clear(): void {
    this.#tenants.clear();
    this.#chapters.length = 0;
    this.#size = 0;
  }

  /** The entries of a chapter stand in front of those of the same trace in later ones. */
  #drop({ tenant, entries }: Chapter): void {
    const traces = this.#tenants.get(tenant);
    if (!traces) return;
    for (const entry of entries) {
      if (entry.next) traces.set(entry.id, entry.next);
      else traces.delete(entry.id);
    }
    this.#size -= entries.length;
    if (traces.size === 0) this.#tenants.delete(tenant);
  }
}

function standing(first: Entry | undefined, decided: Decided): boolean {
  for (let entry: Entry | null = first ?? null; entry !== null; entry = entry.next) if (entry.from === decided.from) return entry.sampled;
  return decided.sampled;
}

function last(entry: Entry): Entry {
  let at = entry;
  while (at.next) at = at.next;
  return at;
}
