import { StoreError } from '../errors.js';

/** Lets `slots` pieces of work run at a time; the rest waits in line, up to `maxWaiting`. */
export class Queue {
  private running = 0;
  private readonly waiting: { readonly start: () => void }[] = [];

  constructor(private readonly slots: number, private readonly maxWaiting: number, private readonly setting: string) {}

  /** @throws StoreError SBX_STORE_BUSY when the line is full; the signal's reason when it is aborted while waiting. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.running < this.slots) this.running++;
    else await this.enter(signal);
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next.start();
      else this.running--;
    }
  }

  private enter(signal: AbortSignal): Promise<void> {
    if (this.waiting.length >= this.maxWaiting) throw new StoreError('SBX_STORE_BUSY', `${this.maxWaiting} queries wait already: ask again later, or raise ${this.setting}`);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        const at = this.waiting.indexOf(entry);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(signal.reason);
      };
      const entry = {
        start: (): void => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.push(entry);
    });
  }
}
