import { pause } from './pause.js';

export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly min_open: number;
  readonly max_open: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 *   closed ──(failures in a row)──▶ open ──(time is up)──▶ half-open ──(probe succeeds)──▶ closed
 *                                    ▲                         │
 *                                    └──(probe fails, twice the time)
 *
 * While it is open nobody sends; half-open lets one probe through, and the others wait for what becomes of it.
 */
export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  readonly #nowMs: () => number;
  #state: BreakerState = 'closed';
  #failures = 0;
  #openMs = 0;
  #probeAtMs = 0;
  #changed = new AbortController();

  constructor(settings: BreakerSettings, nowMs: () => number) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Settles when a batch may be sent; false when `stop` came first. Each true is followed by one success(), failure() or cancel(). */
  async admit(stop: AbortSignal): Promise<boolean> {
    while (!stop.aborted) {
      if (this.#state === 'closed') return true;
      const waitMs = this.#probeAtMs - this.#nowMs();
      if (this.#state === 'open' && waitMs <= 0) {
        this.#state = 'half-open';
        return true;
      }
      await pause(this.#state === 'open' ? waitMs : Infinity, stop, this.#changed.signal);
    }
    return false;
  }

  /** True when this closed it. */
  success(): boolean {
    const wasOpen = this.#state !== 'closed';
    this.#state = 'closed';
    this.#failures = 0;
    this.#openMs = 0;
    if (wasOpen) this.#wake();
    return wasOpen;
  }

  /** True when this opened it, from closed. `askedMs`: the destination wants to be left alone so long. */
  failure(askedMs = 0): boolean {
    this.#failures++;
    const wasClosed = this.#state === 'closed';
    if (wasClosed && this.#failures < this.#settings.failures) return false;
    if (this.#state === 'open') return false;
    this.#openMs = this.#openMs === 0 ? this.#settings.min_open : Math.min(this.#openMs * 2, this.#settings.max_open);
    this.#probeAtMs = this.#nowMs() + Math.max(this.#openMs, askedMs);
    this.#state = 'open';
    this.#wake();
    return wasClosed;
  }

  /** The admitted batch was not sent after all: another may be the probe. */
  cancel(): void {
    if (this.#state !== 'half-open') return;
    this.#state = 'open';
    this.#wake();
  }

  #wake(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }
}
