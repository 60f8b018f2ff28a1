const MIN_BYTES = 64 << 10;
/** A longer one is not kept, nor are more than so many: as many as are in use at once, as a rule. */
const MAX_KEPT_BYTES = 4 << 20;
const MAX_KEPT = 16;
/** More than a socket brings at once, mostly. */
const READING_BYTES = 128 << 10;

/** Buffers that are used again: what a scrape brings and what it writes would otherwise keep the garbage collector busy. */
export class BufferPool {
  readonly #free: Buffer[] = [];
  #reading: Buffer | null = null;

  /** What all sockets read into, one after the other: whoever is given bytes of it copies them at once. */
  get reading(): Buffer {
    return (this.#reading ??= Buffer.allocUnsafeSlow(READING_BYTES));
  }

  /** Its content is whatever it was. Whoever does not give it back loses nothing but the reuse. */
  take(bytes: number): Buffer {
    const at = this.#free.findIndex(({ length }) => length >= bytes);
    return at < 0 ? Buffer.allocUnsafeSlow(Math.max(MIN_BYTES, 2 ** Math.ceil(Math.log2(bytes)))) : this.#free.splice(at, 1)[0]!;
  }

  give(buffer: Buffer): void {
    if (this.#free.length < MAX_KEPT && buffer.length <= MAX_KEPT_BYTES) this.#free.push(buffer);
  }
}
