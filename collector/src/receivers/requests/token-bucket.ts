/**
 * Lets through what its rate allows, with bursts. It asks only whether something is left, so that a request larger than the
 * burst comes through too, and is made up for by the waiting of those behind it.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #level: number;
  #atMs: number;

  constructor(perSecond: number, burstMs: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = this.#perMs * burstMs;
    this.#level = this.#capacity;
    this.#atMs = nowMs;
  }

  /** Milliseconds until something is left; 0 for now. */
  waitMs(nowMs: number): number {
    this.#level = Math.min(this.#capacity, this.#level + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    return this.#level > 0 ? 0 : -this.#level / this.#perMs + 1;
  }

  /** Negative to give back. */
  take(tokens: number): void {
    this.#level = Math.min(this.#capacity, this.#level - tokens);
  }
}
