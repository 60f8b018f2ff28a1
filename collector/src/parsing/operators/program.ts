import type { Entry, Value } from '../entry.js';
import { PARSE_ERROR_ATTRIBUTE } from '../parse-line.js';
import type { Item, Recombiner } from './recombine.js';

/** Behind the last operator: the entry is done. */
export const END = -1;
/** The entry is dropped. */
export const DROP = -2;

/** What an operator does. */
export type Action =
  /** Answers what went wrong, or null. */
  | { readonly kind: 'change'; readonly run: (entry: Entry, path: string) => string | null }
  | { readonly kind: 'filter'; readonly test: (entry: Entry) => boolean; readonly dropRatio: number }
  | { readonly kind: 'recombine'; readonly recombiner: Recombiner }
  | { readonly kind: 'router'; readonly routes: readonly { readonly test: (entry: Entry) => boolean; readonly to: number; readonly attributes: readonly (readonly [key: string, value: (entry: Entry) => Value])[] }[] };

/** An operator with where entries go from it. */
export interface Step {
  readonly id: string;
  readonly condition: ((entry: Entry) => boolean) | null;
  /** Entries that it cannot work on are dropped. */
  readonly drops: boolean;
  /** Number of a step, END or DROP. */
  readonly next: number;
  readonly action: Action;
}

/** Where entries come out. */
export interface EntrySink {
  /** @param failed an operator could not do its work */
  emit(entry: Entry, failed: boolean): void;
  dropped(failed: boolean): void;
}

/**
 * Operators joined by their outputs. Those that put records together hold some. Of files they are only of the block being read: at its end
 * they are flushed, or discarded and read again with what follows.
 */
export class Program {
  readonly #steps: readonly Step[];
  readonly #recombiners: readonly { readonly recombiner: Recombiner; readonly next: number }[];
  #overtaken = false;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#recombiners = steps.flatMap(({ action, next }) => (action.kind === 'recombine' ? [{ recombiner: action.recombiner, next }] : []));
  }

  /** Whether operators may hold records. */
  get holds(): boolean {
    return this.#recombiners.length > 0;
  }

  /** The shortest time after which what is held should go on, in milliseconds; 0: none. */
  get flushAfterMs(): number {
    return this.#recombiners.map(({ recombiner }) => recombiner.flushAfterMs).filter((ms) => ms > 0).reduce((least, ms) => (least === 0 ? ms : Math.min(least, ms)), 0);
  }

  /** Place of the first record that is held, or Infinity. */
  get heldFrom(): number {
    let from = Infinity;
    for (const { recombiner } of this.#recombiners) from = Math.min(from, recombiner.heldFrom);
    return from;
  }

  /** A record came out although it stands behind one that was held. */
  get overtaken(): boolean {
    return this.#overtaken;
  }

  /** @param path of the file @param at place in the block of the record's first byte @param failed what came before could not do its work */
  run(entry: Entry, path: string, at: number, sink: EntrySink, failed = false): void {
    this.#pass({ entry, at, failed }, 0, path, sink);
  }

  /** What is held comes out as it is. */
  flush(path: string, sink: EntrySink): void {
    for (const { recombiner, next } of this.#recombiners) for (const item of recombiner.flush()) this.#pass(item, next, path, sink);
    this.#overtaken = false;
  }

  /** What is held is forgotten. */
  discard(): void {
    for (const { recombiner } of this.#recombiners) recombiner.discard();
    this.#overtaken = false;
  }

  #pass(item: Item, from: number, path: string, sink: EntrySink): void {
    const { entry } = item;
    let index = from;
    while (index >= 0) {
      const { id, condition, drops, next, action } = this.#steps[index]!;
      index = next;
      if (condition !== null && !condition(entry)) continue;
      if (action.kind === 'change' || action.kind === 'recombine') {
        const problem = action.kind === 'change' ? action.run(entry, path) : action.recombiner.problem(entry);
        if (action.kind === 'recombine') {
          // What cannot be put together with others stands alone, behind what came before it.
          for (const each of problem === null ? action.recombiner.take(item) : action.recombiner.flush()) this.#pass(each, next, path, sink);
          if (problem === null) return;
        }
        if (problem === null) continue;
        item.failed = true;
        if (drops) index = DROP;
        else if (!entry.attributes.has(PARSE_ERROR_ATTRIBUTE)) entry.attributes.set(PARSE_ERROR_ATTRIBUTE, `${id}: ${problem}`);
      } else if (action.kind === 'filter') {
        if (action.test(entry) && (action.dropRatio === 1 || Math.random() < action.dropRatio)) index = DROP;
      } else {
        const route = action.routes.find(({ test }) => test(entry));
        for (const [key, value] of route?.attributes ?? []) entry.attributes.set(key, value(entry));
        index = route?.to ?? next;
      }
    }
    if (this.#recombiners.length > 0 && item.at > this.heldFrom) this.#overtaken = true;
    if (index === DROP) sink.dropped(item.failed);
    else sink.emit(entry, item.failed);
  }
}
