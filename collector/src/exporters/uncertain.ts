import type { Batch, Outcome } from '../component.js';

/** Frames far behind are forgotten, so that those which never come again cost no memory. */
const MAX_POSITIONS = 10_000;

/** Frames of which an attempt's outcome is not known, in this life of the process or one before: their items may be at the destination already. */
export class UncertainFrames {
  private readonly positions = new Set<number>();

  has(batch: Batch): boolean {
    return batch.parts.some(({ position, attempted }) => attempted === true || this.positions.has(position));
  }

  /** Takes up what an attempt leaves open, and forgets what is settled. `partly`: of an item that is to be sent again a part is there. */
  remember(batch: Batch, outcome: Outcome, partly = false): void {
    const unknown = partly || (outcome.kind === 'retryable' ? outcome.unknown === true : outcome.retry.unknown === true);
    for (const { position } of batch.parts) {
      if (unknown) this.positions.add(position);
      else if (outcome.kind === 'settled' && outcome.retry.items.length === 0) this.positions.delete(position);
    }
    for (const position of this.positions) {
      if (this.positions.size <= MAX_POSITIONS) break;
      this.positions.delete(position);
    }
  }
}
