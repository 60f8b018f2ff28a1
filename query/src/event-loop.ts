/** How long computing goes on before others get their turn. */
const SLICE_MS = 8;

/** Work between two looks at the clock, which costs more than what is between two calls. */
const WORK_PER_LOOK = 2048;

/** Queries that have given their turn, in a line: in each turn of the event loop, which is the whole thread's, one of them goes on, so that sockets and timers wait for one slice. */
const line: (() => void)[] = [];

function goOn(): void {
  const resume = line.shift();
  if (line.length > 0) setImmediate(goOn);
  resume?.();
}

/**
 * Gives the event loop a turn where this query has computed for a while, and stops where the query was aborted.
 * Call `due()` often, it is cheap; await `turn()` where it says true.
 */
export class Turns {
  #since = performance.now();
  #work = 0;

  constructor(readonly signal: AbortSignal) {}

  /** `work`: about how many samples or rows were looked at since the last call. */
  due(work = 8): boolean {
    this.#work += work;
    if (this.#work < WORK_PER_LOOK) return false;
    this.#work = 0;
    return performance.now() - this.#since > SLICE_MS;
  }

  async turn(): Promise<void> {
    await new Promise<void>((resolve) => {
      line.push(resolve);
      if (line.length === 1) setImmediate(goOn);
    });
    this.#since = performance.now();
    this.signal.throwIfAborted();
  }
}
