import { TraceFacts } from '../trace-facts.js';
import { TraceIndex } from '../trace-index.js';
import type { TraceKey } from '../trace-key.js';

/** Undecided traces, the oldest first. What is kept of one is used again for another once it is decided. */
export class UndecidedTraces {
  readonly #index = new TraceIndex();
  /** By entry of the index. */
  readonly #facts: TraceFacts[] = [];
  readonly #free: number[] = [];
  /** Entries in the order in which they came. */
  #queue: number[] = [];
  #head = 0;

  get size(): number {
    return this.#queue.length - this.#head;
  }

  get oldest(): TraceFacts | null {
    return this.size === 0 ? null : this.#facts[this.#queue[this.#head]];
  }

  get(key: TraceKey): TraceFacts | null {
    const entry = this.#index.find(key);
    return entry < 0 ? null : this.#facts[entry];
  }

  /** Begins a trace that is not among them. @param id its 16 bytes as characters (latin1) */
  add(key: TraceKey, tenant: string, id: string, position: number, nowMs: number): TraceFacts {
    const entry = this.#free.pop() ?? this.#facts.push(new TraceFacts('', '', 0, 0)) - 1;
    const trace = this.#facts[entry];
    trace.begin(tenant, id, position, nowMs);
    this.#index.add(key, entry);
    this.#queue.push(entry);
    return trace;
  }

  /** Takes the oldest out, whose key is in `key` then; what is known of it holds until the next is added. */
  shift(key: TraceKey): void {
    if (this.size === 0) return;
    const entry = this.#queue[this.#head++];
    this.#index.load(entry, key);
    this.#index.remove(entry);
    this.#free.push(entry);
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
