import { Buffer } from 'node:buffer';

/** What is kept for the next time; larger pieces are let go of. */
const MAX_KEPT_BYTES = 16 << 20;
const MAX_KEPT = 4;
/** So that a piece a little larger than the last one fits too. */
const SPARE = 1.25;

/**
 * Memory for what is needed for a moment, batch after batch: fresh memory costs a page fault for each of its pages, and V8 collects garbage
 * early for it. Who takes a piece gives it back when nobody reads it any more, or lets go of it.
 */
export class Scratch {
  readonly #kept: Buffer[] = [];

  /** A piece with at least so many bytes, whatever is in them. */
  take(bytes: number): Buffer {
    const fits = this.#kept.findIndex((piece) => piece.length >= bytes);
    if (fits >= 0) return this.#kept.splice(fits, 1)[0]!;
    // A smaller one would never be used again.
    this.#kept.pop();
    return Buffer.allocUnsafeSlow(Math.ceil(bytes * SPARE));
  }

  give(piece: Buffer): void {
    if (piece.length <= MAX_KEPT_BYTES && this.#kept.length < MAX_KEPT) this.#kept.push(piece);
  }
}
