import { acceptedItems, type Frame } from '@signalbox/journal/frame';
import type { TrackedFrame } from '../accounting/settlement.js';

export interface BatchSettings {
  readonly max_items: number;
  readonly max_bytes: number;
  /** Milliseconds that the first frame of a batch waits for more. */
  readonly max_wait: number;
}

export interface PendingFrame {
  readonly frame: Frame;
  readonly tracked: TrackedFrame;
}

interface OpenBatch {
  readonly frames: PendingFrame[];
  readonly openedMs: number;
  items: number;
  bytes: number;
}

/** Gathers frames into batches: one tenant each, in the journal's order, never splitting a frame. */
export class Batcher {
  readonly #settings: BatchSettings;
  /** By tenant, the one opened first in front. */
  readonly #open = new Map<string, OpenBatch>();
  readonly #full: (readonly PendingFrame[])[] = [];
  #openBytes = 0;

  constructor(settings: BatchSettings) {
    this.#settings = settings;
  }

  add(pending: PendingFrame, nowMs: number): void {
    const { tenant, payload } = pending.frame;
    const items = acceptedItems(pending.frame);
    const before = this.#open.get(tenant);
    if (before && (before.items + items > this.#settings.max_items || before.bytes + payload.length > this.#settings.max_bytes)) this.#close(tenant, before);
    let batch = this.#open.get(tenant);
    if (!batch) this.#open.set(tenant, (batch = { frames: [], openedMs: nowMs, items: 0, bytes: 0 }));
    batch.frames.push(pending);
    batch.items += items;
    batch.bytes += payload.length;
    this.#openBytes += payload.length;
    if (batch.items >= this.#settings.max_items || batch.bytes >= this.#settings.max_bytes) this.#close(tenant, batch);
    // Many tenants with a little each: together they must not hold more than a batch.
    for (const [oldest, open] of this.#open) {
      if (this.#openBytes <= this.#settings.max_bytes) break;
      this.#close(oldest, open);
    }
  }

  /** Lets every batch go at once. */
  closeAll(): void {
    for (const [tenant, batch] of this.#open) this.#close(tenant, batch);
  }

  /** The next batch that is full or has waited long enough; null when there is none. */
  next(nowMs: number): readonly PendingFrame[] | null {
    const full = this.#full.shift();
    if (full) return full;
    const [first] = this.#open;
    if (!first || nowMs - first[1].openedMs < this.#settings.max_wait) return null;
    this.#close(first[0], first[1]);
    return this.#full.shift() ?? null;
  }

  /** Milliseconds until next() has something; null when nothing waits. */
  dueInMs(nowMs: number): number | null {
    if (this.#full.length > 0) return 0;
    const [first] = this.#open.values();
    return first ? Math.max(0, first.openedMs + this.#settings.max_wait - nowMs) : null;
  }

  /** About how many bytes are missing until the batch that was opened first is full; 0 where none is open. */
  get roomBytes(): number {
    const [first] = this.#open.values();
    if (!first) return 0;
    const { max_items: maxItems, max_bytes: maxBytes } = this.#settings;
    return Math.max(0, Math.min(maxBytes - this.#openBytes, (first.bytes / Math.max(1, first.items)) * (maxItems - first.items)));
  }

  #close(tenant: string, batch: OpenBatch): void {
    this.#open.delete(tenant);
    this.#openBytes -= batch.bytes;
    this.#full.push(batch.frames);
  }
}
