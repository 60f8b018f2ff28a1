/** Too many queries wait already; the client should come back later. */
export class TooManyQueries extends Error {
  constructor(readonly maxWaiting: number) {
    super(`too many outstanding requests: ${maxWaiting} queries are waiting; retry later or raise store.max_queries`);
    this.name = 'TooManyQueries';
  }
}

/**
 * Lets `concurrency` queries run at a time, so that readers never take more of libuv's pool than is theirs; the others
 * wait in order of arrival. One gate can be shared by several APIs.
 */
export class QueryGate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(readonly concurrency: number, readonly maxWaiting: number) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `work` when it is its turn. Rejects with TooManyQueries, the signal's reason, or what `work` throws. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #enter(signal: AbortSignal): Promise<void> {
    if (this.#running < this.concurrency) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.maxWaiting) return Promise.reject(new TooManyQueries(this.maxWaiting));
    return new Promise((resolve, reject) => {
      const proceed = () => {
        signal.removeEventListener('abort', leave);
        this.#running++;
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      this.#waiting.push(proceed);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
