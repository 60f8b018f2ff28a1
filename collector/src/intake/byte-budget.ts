/**
 * Bytes that requests in flight may hold at once: bodies being read and bodies waiting for the disk. What the OpenTelemetry
 * Collector calls memory_limiter, set before anything is accepted, since afterwards it would be too late to refuse.
 */
export class ByteBudget {
  #used = 0;

  constructor(readonly limit: number) {}

  get used(): number {
    return this.#used;
  }

  /** False when there is no room. Every take is followed by one give of as many. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.limit) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
