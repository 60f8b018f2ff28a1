/** Smaller ones come out of Node's own pool, larger ones are rare. */
const MIN_SHIFT = 14;
const MAX_SHIFT = 20;

/**
 * Memory of messages, used again by the next ones. A receiver that allots and drops hundreds of megabytes a second makes the
 * collector's marking threads cost more than everything else together.
 *
 * Size classes are powers of two; what is kept has a bound. A buffer is given back once, when nothing reads it any more; its old
 * content is never seen, since a message is only used when all of its bytes have arrived.
 */
export class MessageBuffers {
  readonly #free: Buffer[][] = Array.from({ length: MAX_SHIFT - MIN_SHIFT + 1 }, () => []);
  #keptBytes = 0;

  constructor(readonly maxKeptBytes = 32 * 2 ** 20) {}

  /** A buffer of exactly this length. */
  take(length: number): Buffer {
    const shift = shiftOf(length);
    if (shift === null) return Buffer.allocUnsafe(length);
    const kept = this.#free[shift - MIN_SHIFT]!.pop();
    if (kept !== undefined) this.#keptBytes -= kept.length;
    return (kept ?? Buffer.allocUnsafeSlow(2 ** shift)).subarray(0, length);
  }

  /** Takes back what take() gave. */
  give(buffer: Buffer): void {
    const shift = shiftOf(buffer.length);
    if (shift === null || this.#keptBytes + 2 ** shift > this.maxKeptBytes) return;
    this.#free[shift - MIN_SHIFT]!.push(Buffer.from(buffer.buffer, 0, 2 ** shift));
    this.#keptBytes += 2 ** shift;
  }
}

function shiftOf(length: number): number | null {
  if (length < 2 ** (MIN_SHIFT - 1) || length > 2 ** MAX_SHIFT) return null;
  return Math.max(MIN_SHIFT, 32 - Math.clz32(length - 1));
}
