import { acceptedItems, type FrameHeader, type FrameSignal } from '@signalbox/journal/frame';
import type { LedgerChange } from '@signalbox/journal/ledger';

/** A frame on its way, and what has become of its items so far. */
export class TrackedFrame {
  readonly tenant: string;
  readonly signal: FrameSignal;
  readonly origin: string;
  /** Position behind it. */
  readonly next: number;
  readonly items: number;
  readonly dropped = new Map<string, number>();
  delivered = 0;
  redelivered = 0;
  outcomeUnknown = 0;
  /** An attempt whose outcome nobody knows, perhaps before a crash, may have brought it. */
  attempted = false;
  #open: number;

  constructor(header: FrameHeader) {
    this.tenant = header.tenant;
    this.signal = header.signal;
    this.origin = header.origin;
    this.next = header.next;
    this.items = acceptedItems(header);
    this.#open = this.items;
  }

  /** Every item is delivered or dropped. */
  get settled(): boolean {
    return this.#open === 0;
  }

  /** Items that are neither delivered nor dropped. */
  get open(): number {
    return this.#open;
  }

  deliver(items: number): void {
    this.delivered += this.#take(items);
  }

  drop(reason: string, items: number): void {
    const taken = this.#take(items);
    if (taken > 0) this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + taken);
  }

  #take(items: number): number {
    if (items < 0 || items > this.#open) throw new RangeError(`${items} items of a frame are settled, of which ${this.#open} of ${this.items} are open`);
    this.#open -= items;
    return items;
  }
}

interface Passed {
  /** Behind frames that were not wanted, or lost. */
  readonly next: number;
  readonly settled: true;
  readonly changes: readonly LedgerChange[];
}

export interface Settled {
  readonly position: number;
  readonly changes: readonly LedgerChange[];
}

/**
 * The frames of a reader in the journal's order. Whatever the order in which they are settled, the cursor moves only over a run
 * without gaps: what is behind it has been delivered or dropped, all of it, and its counts go into the same commit.
 */
export class Settlement {
  readonly #line: (TrackedFrame | Passed)[] = [];
  readonly #sums = new Map<string, Sum>();
  #position: number;
  #taken: number;
  #head = 0;

  constructor(position: number) {
    this.#position = position;
    this.#taken = position;
  }

  /** Frames not settled, or settled behind one that is not. */
  get waiting(): number {
    return this.#line.length - this.#head;
  }

  track(header: FrameHeader): TrackedFrame {
    const frame = new TrackedFrame(header);
    this.#line.push(frame);
    return frame;
  }

  /** The log was read up to `next` without further frames of the reader; `changes` are losses on the way. */
  pass(next: number, changes: readonly LedgerChange[]): void {
    this.#line.push({ next, settled: true, changes });
  }

  /** What can be committed since the last take(), or null. What was taken and failed to commit is handed in again by giveBack(). */
  take(): Settled | null {
    this.#advance();
    if (this.#position === this.#taken && this.#sums.size === 0) return null;
    const changes = [...this.#sums.values()].map(toChange);
    this.#sums.clear();
    this.#taken = this.#position;
    return { position: this.#position, changes };
  }

  giveBack(settled: Settled): void {
    this.#taken = -1;
    for (const change of settled.changes) this.#addChange(change);
  }

  #advance(): void {
    while (this.#head < this.#line.length && this.#line[this.#head]!.settled) {
      const entry = this.#line[this.#head++]!;
      this.#position = Math.max(this.#position, entry.next);
      if (entry instanceof TrackedFrame) this.#addFrame(entry);
      else for (const change of entry.changes) this.#addChange(change);
    }
    if (this.#head > 1024 || this.#head === this.#line.length) {
      this.#line.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #addFrame(frame: TrackedFrame): void {
    const sum = this.#sum(frame);
    sum.delivered += frame.delivered;
    sum.redelivered += frame.redelivered;
    sum.outcomeUnknown += frame.outcomeUnknown;
    for (const [reason, items] of frame.dropped) sum.dropped.set(reason, (sum.dropped.get(reason) ?? 0) + items);
  }

  #addChange(change: LedgerChange): void {
    const sum = this.#sum(change);
    sum.delivered += change.delivered ?? 0;
    sum.redelivered += change.redelivered ?? 0;
    sum.outcomeUnknown += change.outcomeUnknown ?? 0;
    for (const [reason, items] of Object.entries(change.dropped ?? {})) sum.dropped.set(reason, (sum.dropped.get(reason) ?? 0) + items);
  }

  #sum({ tenant, signal, origin = '' }: Pick<LedgerChange, 'tenant' | 'signal' | 'origin'>): Sum {
    const key = `${signal} ${tenant}\0${origin}`;
    let sum = this.#sums.get(key);
    if (!sum) this.#sums.set(key, (sum = { tenant, signal, origin, delivered: 0, dropped: new Map(), redelivered: 0, outcomeUnknown: 0 }));
    return sum;
  }
}

interface Sum {
  readonly tenant: string;
  readonly signal: FrameSignal;
  readonly origin: string;
  delivered: number;
  readonly dropped: Map<string, number>;
  redelivered: number;
  outcomeUnknown: number;
}

function toChange(sum: Sum): LedgerChange {
  const { origin, ...rest } = sum;
  return { ...rest, ...(origin === '' ? {} : { origin }), dropped: Object.fromEntries(sum.dropped) };
}
