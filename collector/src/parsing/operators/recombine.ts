import type { Entry } from '../entry.js';
import { compileCondition } from './expression.js';
import { getField, setField } from './field.js';
import { fieldOf } from './operator.js';
import type { RecombineConfig } from './schemas.js';

/** An entry on its way through the operators. */
export interface Item {
  readonly entry: Entry;
  /** Place in the block of its first byte. */
  readonly at: number;
  /** An operator could not do its work. */
  failed: boolean;
}

/** Puts records of one file, or of one sender, together, by how they begin or end. */
export class Recombiner {
  readonly #config: RecombineConfig;
  readonly #isFirst: ((entry: Entry) => boolean) | null;
  readonly #isLast: ((entry: Entry) => boolean) | null;
  readonly #field;
  #held: Item[] = [];
  #bytes = 0;
  #matched = false;

  /** @throws ExpressionError */
  constructor(config: RecombineConfig) {
    this.#config = config;
    this.#isFirst = config.is_first_entry === undefined ? null : compileCondition(config.is_first_entry);
    this.#isLast = config.is_last_entry === undefined ? null : compileCondition(config.is_last_entry);
    this.#field = fieldOf(config.combine_field);
  }

  /** Place of the first record that is held, or Infinity. */
  get heldFrom(): number {
    return this.#held[0]?.at ?? Infinity;
  }

  get flushAfterMs(): number {
    return this.#config.force_flush_period;
  }

  discard(): void {
    this.#held = [];
    this.#bytes = 0;
    this.#matched = false;
  }

  /** Why the entry cannot be put together with others, or null. */
  problem(entry: Entry): string | null {
    return typeof getField(entry, this.#field) === 'string' ? null : `no text at ${this.#config.combine_field}`;
  }

  /** Answers what is whole by that: at most what was held before, and then the item with it. */
  take(item: Item): Item[] {
    const done: Item[] = [];
    const text = getField(item.entry, this.#field) as string;
    const first = this.#isFirst?.(item.entry) === true;
    if (first) done.push(...this.flush());
    this.#matched ||= first;
    this.#held.push(item);
    this.#bytes += text.length + this.#config.combine_with.length;
    const { max_batch_size: most, max_unmatched_batch_size: mostUnmatched, max_log_size: mostBytes } = this.#config;
    const isFull = this.#held.length >= most || (mostBytes > 0 && this.#bytes >= mostBytes) || (!this.#matched && mostUnmatched > 0 && this.#held.length >= mostUnmatched);
    if (isFull || this.#isLast?.(item.entry) === true) done.push(...this.flush());
    return done;
  }

  /** What is held, as one. */
  flush(): Item[] {
    const held = this.#held;
    this.discard();
    const base = this.#config.overwrite_with === 'oldest' ? held[0] : held.at(-1);
    if (base === undefined) return [];
    setField(base.entry, this.#field, held.map(({ entry }) => getField(entry, this.#field)).join(this.#config.combine_with));
    return [{ entry: base.entry, at: held[0]!.at, failed: held.some(({ failed }) => failed) }];
  }
}
