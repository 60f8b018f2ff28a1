import type { AcceptedCounts } from './accepted-counts.js';
import { FRAME_SIGNALS } from './accepted-counts.js';
import { acceptedItems } from '../frame.js';
import type { FrameSignal } from '../frame.js';
import type { StoredHeader } from '../segments/frame-header.js';
import type { LedgerChange, LossReason } from '../ledger-change.js';
import type { SegmentHeader } from '../segments/segment-header.js';

/**
 * Follows the log from header to header and finds out what is missing in between: each frame says how many items of its
 * tenant, signal and origin came before it, each segment says it for all of them.
 *
 * A difference counts as a loss only after a gap was seen (segments gone, damaged bytes). Without one it would be a fault
 * of the journal itself, which must not be hidden as a loss.
 */
export class LossTally {
  #gap: LossReason | null = null;
  #lost = new Map<string, { tenant: string; signal: FrameSignal; origin: string; reason: LossReason; items: number }>();

  constructor(readonly counts: AcceptedCounts) {}

  /** From here on differences are losses, until a segment's header has told all of them. */
  gap(reason: LossReason): void {
    this.#gap = reason;
  }

  enterSegment(header: SegmentHeader): void {
    for (const { tenant, origin, row } of header.accepted.entries()) {
      for (const [i, signal] of FRAME_SIGNALS.entries()) this.#reach(tenant, signal, origin, row[i]!);
    }
    this.#gap = null;
  }

  frame(header: StoredHeader): void {
    this.#reach(header.tenant, header.signal, header.origin, header.acceptedBefore);
    this.counts.set(header.tenant, header.signal, header.origin, header.acceptedBefore + acceptedItems(header));
  }

  /** A frame whose header is whole and whose payload is not. */
  corruptPayload(header: StoredHeader): void {
    this.#lose(header.tenant, header.signal, header.origin, acceptedItems(header), 'corrupt');
  }

  /** What was found missing since the last call. */
  takeLosses(): LedgerChange[] {
    const changes = [...this.#lost.values()].map(({ tenant, signal, origin, reason, items }) => ({ tenant, signal, ...(origin === '' ? {} : { origin }), dropped: { [reason]: items } }));
    this.#lost = new Map();
    return changes;
  }

  #reach(tenant: string, signal: FrameSignal, origin: string, expected: number): void {
    const missing = expected - this.counts.get(tenant, signal, origin);
    if (missing > 0 && this.#gap !== null) this.#lose(tenant, signal, origin, missing, this.#gap);
    if (missing !== 0) this.counts.set(tenant, signal, origin, expected);
  }

  #lose(tenant: string, signal: FrameSignal, origin: string, items: number, reason: LossReason): void {
    if (items === 0) return;
    const key = `${tenant}\0${signal}\0${origin}\0${reason}`;
    const row = this.#lost.get(key) ?? { tenant, signal, origin, reason, items: 0 };
    row.items += items;
    this.#lost.set(key, row);
  }
}
