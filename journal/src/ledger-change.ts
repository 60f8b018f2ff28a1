import type { FrameSignal } from './frame.js';

/** What became of items of one tenant, signal and origin; all counts are items to be added to the ledger. */
export interface LedgerChange {
  readonly tenant: string;
  readonly signal: FrameSignal;
  /** As in the frames' headers. Without it the items count as those of frames without origin. */
  readonly origin?: string;
  readonly delivered?: number;
  /** By reason: `filtered`, `rejected`, `evicted`, `corrupt`… */
  readonly dropped?: Readonly<Record<string, number>>;
  /** Sent once more after an earlier attempt that may have arrived; not part of the equation. */
  readonly redelivered?: number;
  /** Attempts whose outcome nobody knows; not part of the equation. */
  readonly outcomeUnknown?: number;
}

/** Why the journal itself lost items: recycled before the reader came, or unreadable. */
export type LossReason = 'evicted' | 'corrupt';
