import type { Failure } from './failure.js';

export interface SendQueueOptions<T> {
  /** One try; null where it succeeded. Never rejects. */
  readonly send: (batch: T) => Promise<Failure | null>;
  readonly settled: (batch: T, failure: Failure | null) => void;
  readonly trouble: (failure: Failure) => void;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
}

/**
 * Sends one batch after the other. What can succeed later is tried again with growing pauses for as long as it takes:
 * the side that fills the queue bounds it. After `drain` nothing waits any more: each batch has one try, and once one
 * fails for want of a collector, the rest is given up.
 */
export class SendQueue<T> {
  readonly #options: SendQueueOptions<T>;
  readonly #batches: T[] = [];
  #running = false;
  #draining = false;
  #abandoned = false;
  #wake: (() => void) | null = null;

  constructor(options: SendQueueOptions<T>) {
    this.#options = options;
  }

  push(batch: T): void {
    this.#batches.push(batch);
    if (!this.#running) void this.#run();
  }

  drain(): void {
    this.#draining = true;
    this.#wake?.();
  }

  /** Gives up everything, the batch under way included: another queue has found the collector away. */
  abandon(failure: Failure): void {
    this.#abandoned = true;
    while (this.#batches.length > 0) this.#settle(failure);
  }

  async #run(): Promise<void> {
    this.#running = true;
    let backoffMs = this.#options.firstBackoffMs;
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      const failure = await this.#options.send(batch);
      if (this.#abandoned) return;
      if (failure?.retryable && !this.#draining) {
        this.#options.trouble(failure);
        await this.#pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, this.#options.maxBackoffMs);
        continue;
      }
      backoffMs = this.#options.firstBackoffMs;
      this.#settle(failure);
      if (failure?.retryable) while (this.#batches.length > 0) this.#settle(failure);
    }
    this.#running = false;
  }

  #settle(failure: Failure | null): void {
    const batch = this.#batches.shift();
    if (batch !== undefined) this.#options.settled(batch, failure);
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      // Half of it at random, so that many processes do not come back at the same moment.
      const timer = setTimeout(resolve, ms / 2 + (Math.random() * ms) / 2);
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
