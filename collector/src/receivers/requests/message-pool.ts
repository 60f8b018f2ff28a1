/** Smaller messages come from Node's own pool or are cheap. */
const MIN_BYTES = 16 * 1024;
const MAX_BYTES = 2 ** 20;
/** Sizes between two powers of two: at most a fifth of a slab is not used. */
const STEPS = 4;

/**
 * Memory for messages, used again and again. A message lives until the disk has it, which is long enough for the garbage
 * collector to move it to the old generation, where freeing it costs more than all the rest of receiving.
 */
export class MessagePool {
  readonly #free = new Map<number, Buffer[]>();
  #pooledBytes = 0;

  /** @param maxPooledBytes what may lie unused at most */
  constructor(readonly maxPooledBytes = 16 * 2 ** 20) {}

  /** What a message of so many bytes takes of memory. */
  static capacity(bytes: number): number {
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) return bytes;
    const step = 2 ** (31 - Math.clz32(bytes - 1)) / STEPS;
    return Math.ceil(bytes / step) * step;
  }

  /** A slab of exactly `capacity` bytes, with whatever was in it. */
  take(capacity: number): Buffer {
    const slab = this.#free.get(capacity)?.pop();
    if (!slab) return Buffer.allocUnsafe(capacity);
    this.#pooledBytes -= capacity;
    return slab;
  }

  /** Nobody may use the slab from here on. */
  give(slab: Buffer): void {
    const capacity = slab.length;
    if (capacity < MIN_BYTES || capacity > MAX_BYTES || this.#pooledBytes + capacity > this.maxPooledBytes) return;
    this.#pooledBytes += capacity;
    const free = this.#free.get(capacity);
    if (free) free.push(slab);
    else this.#free.set(capacity, [slab]);
  }
}
