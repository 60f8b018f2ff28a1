import { withRoom } from '../growing-array.js';
import type { DecidedList } from '../records/decided-list.js';
import { TraceIndex } from '../trace-index.js';
import { TraceKey } from '../trace-key.js';

interface Chapter {
  /** Numbers of its entries, in the journal's order. */
  readonly entries: Int32Array;
  /** No frame behind it is decided by these. */
  readonly to: number;
}

const NONE = -1;

/**
 * Decisions by trace, for the frames that a reader has before it. Each says for which frames it stands; of several for one frame
 * the first in the journal's order does. What is known of a decision stands in arrays, by the number of its entry.
 */
export class DecisionTable {
  /** The first entry of each trace. */
  readonly #index = new TraceIndex();
  readonly #chapters: Chapter[] = [];
  readonly #free: number[] = [];
  #used = 0;
  /** Positions of the first and the last frame that it is about. */
  #from = new Float64Array(0);
  #to = new Float64Array(0);
  #sampled = new Uint8Array(0);
  /** Of the same trace, later in the journal. */
  #next = new Int32Array(0);

  /** `key`: by which it is asked. */
  constructor(readonly key = new TraceKey()) {}

  get size(): number {
    return this.#used - this.#free.length;
  }

  /** Adds what a frame of decisions holds, in the journal's order. */
  add(tenant: string, { bytes, count, idAt, from, to, sampled }: DecidedList): void {
    if (count === 0) return;
    const entries = new Int32Array(count);
    let last = 0;
    for (let i = 0; i < count; i++) {
      last = Math.max(last, to[i]);
      entries[i] = this.#add(this.key.read(tenant, bytes, idAt[i]), from[i], to[i], sampled[i]);
    }
    this.#chapters.push({ entries, to: last });
  }

  /** Whether the trace that `key` names stays at this position; null where nothing is known of it. */
  sampled(position: number): boolean | null {
    for (let entry = this.#index.find(this.key); entry >= 0; entry = this.#next[entry]) {
      if (this.#from[entry] <= position && position <= this.#to[entry]) return this.#sampled[entry] === 1;
    }
    return null;
  }

  /** Nothing before this position is asked any more. */
  forget(before: number): void {
    while (this.#chapters.length > 0 && this.#chapters[0].to < before) this.#drop(this.#chapters.shift()!);
  }

  clear(): void {
    this.#index.clear();
    this.#chapters.length = this.#free.length = this.#used = 0;
  }

  #add(key: TraceKey, from: number, to: number, sampled: number): number {
    const first = this.#index.find(key);
    // Decided twice (the program ended in between): the first decision stands, for as far as either reaches.
    let standing = sampled;
    let last = NONE;
    for (let entry = first, found = false; entry >= 0; entry = this.#next[entry]) {
      if (!found && this.#from[entry] === from) {
        standing = this.#sampled[entry];
        found = true;
      }
      last = entry;
    }
    const entry = this.#free.pop() ?? this.#begin();
    this.#from[entry] = from;
    this.#to[entry] = to;
    this.#sampled[entry] = standing;
    this.#next[entry] = NONE;
    if (last < 0) this.#index.add(key, entry);
    else this.#next[last] = entry;
    return entry;
  }

  #begin(): number {
    const entry = this.#used++;
    this.#from = withRoom(this.#from, entry);
    this.#to = withRoom(this.#to, entry);
    this.#sampled = withRoom(this.#sampled, entry);
    this.#next = withRoom(this.#next, entry);
    return entry;
  }

  /** The entries of a chapter stand in front of those of the same trace in later ones. */
  #drop({ entries }: Chapter): void {
    for (const entry of entries) {
      const next = this.#next[entry];
      if (next >= 0) this.#index.replace(entry, next);
      else this.#index.remove(entry);
      this.#free.push(entry);
    }
  }
}
