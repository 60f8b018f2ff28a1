const FIRST_BYTES = 256 << 10;
/** What is read at once beyond that has memory of its own. */
const MAX_BYTES = 8 << 20;

/**
 * Memory that reads use again and again, for who is done with the frames of one read before the next: fresh memory for every read costs
 * page faults, and V8 collects garbage early for it.
 */
export class ReadSpace {
  #slab = Buffer.alloc(0);
  #used = 0;
  /** What the reads since `reuse` asked for. */
  #asked = 0;

  /** The next read may overwrite what the last one gave. */
  reuse(): void {
    if (this.#asked > this.#slab.length && this.#slab.length < MAX_BYTES) this.#slab = Buffer.allocUnsafeSlow(Math.min(MAX_BYTES, Math.max(FIRST_BYTES, this.#asked * 2)));
    this.#used = this.#asked = 0;
  }

  take(bytes: number): Buffer {
    this.#asked += bytes;
    if (this.#used + bytes > this.#slab.length) return Buffer.allocUnsafeSlow(bytes);
    this.#used += bytes;
    return this.#slab.subarray(this.#used - bytes, this.#used);
  }
}
