import type { Failure } from '../failure.js';
import { Pause } from './pause.js';

/** A batch on disk. */
export interface WaitingBatch<T> {
  readonly batch: T;
  /** Takes it out, delivered or given up. */
  settle(delivered: boolean): Promise<void>;
}

/** Batches on disk, in order. Its promises reject with what the disk says. */
export interface Backlog<T> {
  /** Null once it is durable; a failure where a batch can never be kept. */
  keep(batch: T): Promise<Failure | null>;
  oldest(): Promise<WaitingBatch<T> | null>;
}

export interface SendQueueOptions<T> {
  /** One try; null where it succeeded. Never rejects. */
  readonly send: (batch: T) => Promise<Failure | null>;
  /** A batch that was pushed is sent, or lost with its failure. */
  readonly settled: (batch: T, failure: Failure | null) => void;
  readonly trouble: (failure: Failure) => void;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly spool?: SpoolingOptions<T>;
}

export interface SpoolingOptions<T> {
  readonly backlog: Backlog<T>;
  /** A batch that was pushed is on disk. */
  readonly kept: (batch: T) => void;
  /** A batch that was on disk is sent, or lost with its failure. */
  readonly delivered: (batch: T, failure: Failure | null) => void;
  /** The disk failed; batches stay in memory. */
  readonly failed: (error: unknown) => void;
}

/**
 * Sends one batch after the other. What can succeed later is tried again with growing pauses for as long as it takes:
 * the side that fills the queue bounds it. With a spool, batches go to disk after a failure, and whatever comes goes
 * behind them until the disk is empty again; a disk that fails leaves them in memory.
 *
 * After `drain` nothing waits any more: each batch has one try, and once one fails for want of a collector, the rest is
 * kept on disk, or given up.
 */
export class SendQueue<T> {
  readonly #options: SendQueueOptions<T>;
  readonly #memory: T[] = [];
  readonly #pause = new Pause();
  /** Batches are on disk, or on their way there: what comes goes behind them, and none in memory is being sent. */
  #behind = false;
  #searched = false;
  #keeps = 0;
  #keeping: Promise<void> = Promise.resolve();
  #running = false;
  #draining = false;
  #abandoned = false;
  #graceOver = false;
  #stopWaiting: () => void = () => {};

  constructor(options: SendQueueOptions<T>) {
    this.#options = options;
  }

  push(batch: T): void {
    this.#memory.push(batch);
    if (this.#behind) void this.#keepMemory();
    this.start();
  }

  /** Sends what an earlier process left on disk, without a batch of its own. */
  start(): void {
    if (!this.#running) void this.#run();
  }

  /** `graceMs`: how long a request under way may still take before its batch is kept on disk. */
  drain(graceMs: number): void {
    this.#draining = true;
    if (this.#options.spool !== undefined) {
      setTimeout(() => {
        this.#graceOver = true;
        this.#stopWaiting();
      }, graceMs);
    }
    this.#pause.end();
  }

  /** Gives up everything, the batch under way included: another queue has found the collector away. */
  abandon(failure: Failure): void {
    this.#abandoned = true;
    this.#giveUp(failure);
  }

  async #run(): Promise<void> {
    this.#running = true;
    const { firstBackoffMs, maxBackoffMs } = this.#options;
    let backoffMs = firstBackoffMs;
    for (;;) {
      const waiting = this.#mayBeBehind() ? await this.#oldest() : null;
      if (this.#abandoned) return;
      if (waiting !== null && this.#memory.length > 0) void this.#keepMemory();
      if (waiting !== null && this.#draining) break;
      const batch = waiting?.batch ?? this.#memory[0];
      if (batch === undefined) break;
      const failure = await this.#send(batch);
      if (this.#abandoned) return;
      if (failure?.retryable !== true) {
        backoffMs = firstBackoffMs;
        if (!(await this.#settle(waiting, failure))) await this.#pause.wait(maxBackoffMs);
        continue;
      }
      if (!this.#draining) this.#options.trouble(failure);
      await this.#keepMemory();
      if (this.#draining) {
        // A pause that ended early leaves one more try.
        this.#giveUp(failure);
        break;
      }
      await this.#pause.wait(backoffMs);
      backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
    }
    await this.#keeping;
    this.#running = false;
    if (this.#draining) this.#giveUp(NO_TIME);
    else if (this.#memory.length > 0) this.start();
  }

  #mayBeBehind(): boolean {
    return this.#options.spool !== undefined && (this.#behind || !this.#searched);
  }

  async #oldest(): Promise<WaitingBatch<T> | null> {
    const { spool } = this.#options;
    while (spool !== undefined) {
      await this.#keeping;
      let waiting: WaitingBatch<T> | null = null;
      try {
        waiting = await spool.backlog.oldest();
      } catch (error) {
        spool.failed(error);
      }
      this.#searched = true;
      this.#behind = waiting !== null || this.#keeps > 0;
      if (waiting !== null || this.#keeps === 0) return waiting;
    }
    return null;
  }

  /** False where the disk did not take note; what is sent once more then has its id. */
  async #settle(waiting: WaitingBatch<T> | null, failure: Failure | null): Promise<boolean> {
    const { spool } = this.#options;
    if (waiting === null || spool === undefined) {
      this.#settleFirst(failure);
      return true;
    }
    try {
      await waiting.settle(failure === null);
    } catch (error) {
      spool.failed(error);
      return false;
    }
    spool.delivered(waiting.batch, failure);
    return true;
  }

  /** Moves what is in memory to disk, in order. */
  #keepMemory(): Promise<void> {
    const { spool } = this.#options;
    if (spool === undefined) return Promise.resolve();
    this.#keeps += 1;
    this.#keeping = this.#keeping.then(async () => {
      try {
        for (let batch = this.#memory[0]; batch !== undefined; batch = this.#memory[0]) {
          const failure = await spool.backlog.keep(batch);
          if (failure !== null) {
            this.#settleFirst(failure);
            continue;
          }
          this.#behind = true;
          this.#memory.shift();
          spool.kept(batch);
        }
      } catch (error) {
        spool.failed(error);
      }
      this.#keeps -= 1;
    });
    return this.#keeping;
  }

  #giveUp(failure: Failure): void {
    while (this.#memory.length > 0) this.#settleFirst(failure);
  }

  #settleFirst(failure: Failure | null): void {
    const batch = this.#memory.shift();
    if (batch !== undefined) this.#options.settled(batch, failure);
  }

  #send(batch: T): Promise<Failure | null> {
    if (this.#graceOver) return Promise.resolve(NO_TIME);
    return new Promise((resolve) => {
      this.#stopWaiting = (): void => resolve(NO_TIME);
      void this.#options.send(batch).then(resolve);
    });
  }
}

const NO_TIME: Failure = { kind: 'timeout', text: 'no answer before the end of the process', retryable: true };
