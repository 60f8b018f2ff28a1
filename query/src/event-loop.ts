/** How long computing goes on before others get their turn. */
const SLICE_MS = 8;

/**
 * Gives the event loop a turn where this query has computed for a while, and stops where the query was aborted.
 * Call `due()` often, it is cheap; await `turn()` where it says true.
 */
export class Turns {
  #since = performance.now();
  #calls = 0;

  constructor(readonly signal: AbortSignal) {}

  due(): boolean {
    // The clock is looked at now and then only: it costs more than what is between two calls.
    if ((++this.#calls & 0xff) !== 0) return false;
    return performance.now() - this.#since > SLICE_MS;
  }

  async turn(): Promise<void> {
    await new Promise<void>((resolve) => { setImmediate(resolve); });
    this.#since = performance.now();
    this.signal.throwIfAborted();
  }
}
