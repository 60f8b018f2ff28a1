import type { LossTally } from './counting/loss-tally.js';
import type { StoredHeader } from './segments/frame-header.js';

/** As many as some minutes of ordinary load bring; a few megabytes. */
const DEFAULT_MAX_HEADERS = 8192;
/** Headers may list a million of them. */
const MAX_REJECTED = 64;

/**
 * Headers of frames that were read lately. What is before the durable position never changes, so that who comes by the same frames again,
 * another reader of the process or a cursor that counts what it passes, need not read them. One for each journal.
 */
export class HeaderTrail {
  readonly #byPosition = new Map<number, StoredHeader>();
  /** Positions in the order in which they came, used again from the beginning when it is full. */
  readonly #positions: number[] = [];
  #oldest = 0;

  constructor(readonly maxHeaders = DEFAULT_MAX_HEADERS) {}

  /** A header that was found before the durable position. */
  remember(header: StoredHeader): void {
    if (this.#byPosition.has(header.position) || header.rejected.length > MAX_REJECTED || this.maxHeaders < 1) return;
    this.#byPosition.set(header.position, header);
    if (this.#positions.length < this.maxHeaders) {
      this.#positions.push(header.position);
      return;
    }
    this.#byPosition.delete(this.#positions[this.#oldest]!);
    this.#positions[this.#oldest] = header.position;
    this.#oldest = (this.#oldest + 1) % this.maxHeaders;
  }

  /** Of the frame that begins at `position`; undefined where it is not remembered. */
  at(position: number): StoredHeader | undefined {
    return this.#byPosition.get(position);
  }

  /** Counts the frames from one position to another; false, and nothing counted, unless all of them are remembered. */
  follow(from: number, to: number, tally: LossTally): boolean {
    const headers: StoredHeader[] = [];
    for (let at = from; at < to; ) {
      const header = this.#byPosition.get(at);
      if (header === undefined || header.next > to) return false;
      headers.push(header);
      at = header.next;
    }
    for (const header of headers) tally.frame(header);
    return true;
  }
}
