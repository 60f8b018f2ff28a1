import { pause } from '../../delivery/sending/pause.js';

/** Tells the readers of a process that decisions of a pipeline were appended in it, so that they need not look for them all the time. */
export class DecisionNews {
  #told = 0;
  #wake = new AbortController();

  /** How often it was told. */
  get count(): number {
    return this.#told;
  }

  tell(): void {
    this.#told++;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Until it is told more often than `known`, at the timeout, or when aborted. */
  async wait(known: number, signal: AbortSignal, timeoutMs: number): Promise<void> {
    if (this.#told === known) await pause(timeoutMs, signal, this.#wake.signal);
  }
}
