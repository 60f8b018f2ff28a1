import type { Cursor } from '@signalbox/journal/cursor';
import type { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { pause } from '../sending/pause.js';
import type { Settlement } from './settlement.js';

/** After counts were settled; what happens in between is delivered again after a crash. */
const COMMIT_EVERY_MS = 100;
/** While only foreign frames pass by. */
const PASS_EVERY_MS = 2000;
const RETRY_MS = 1000;

/** Commits what is settled, one commit at a time, until it is stopped; then once more. */
export class Committer {
  readonly #cursor: Cursor;
  readonly #settlement: Settlement;
  readonly #log: RateLimitedLog;
  #lastMs = -Infinity;
  #wake = new AbortController();

  constructor(cursor: Cursor, settlement: Settlement, log: RateLimitedLog) {
    this.#cursor = cursor;
    this.#settlement = settlement;
    this.#log = log;
  }

  /** Something may have been settled. */
  poke(): void {
    this.#wake.abort();
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await pause(PASS_EVERY_MS, stop, this.#wake.signal);
      this.#wake = new AbortController();
      await pause(COMMIT_EVERY_MS - (performance.now() - this.#lastMs), stop);
      if (!(await this.#commit())) await pause(RETRY_MS, stop);
    }
    await this.#commit();
  }

  async #commit(): Promise<boolean> {
    const settled = this.#settlement.take();
    if (!settled) return true;
    try {
      await this.#cursor.commit(settled);
      this.#lastMs = performance.now();
      return true;
    } catch (error) {
      this.#settlement.giveBack(settled);
      this.#log.error('commit', "the cursor could not be written; what was delivered since is delivered again if the program ends now", { code: 'SBX_DELIVERY_COMMIT', error });
      return false;
    }
  }
}
