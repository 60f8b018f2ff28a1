import type { Clock, Intake } from '../../../component.js';
import type { ReceiverMeter } from '../../../intake/receiver-meter.js';
import type { RateLimitedLog } from '../../../telemetry/rate-limited.js';
import type { BufferPool } from '../fetching/buffer-pool.js';
import type { Frame } from '../series/series-block.js';

/** Frames wait for others at most so long, and no longer than this part of their target's interval. */
const MOST_WAIT_MS = 1000;
const WAIT_SHARE = 0.1;
const MOST_WAITING_BYTES = 1 << 20;

export interface ScrapeWriterOptions {
  readonly intake: Intake;
  readonly tenant: string;
  /** Where the frames' buffers go once they are on disk. */
  readonly buffers: BufferPool;
  readonly meter: ReceiverMeter;
  readonly log: RateLimitedLog;
  readonly clock: Clock;
}

interface Waiting {
  readonly frames: readonly Frame[];
  readonly target: string;
  readonly settled: () => void;
}

/**
 * Appends what scrapes brought, that of several targets together: a write and a sync for each alone would be much of what scraping
 * costs. Nobody waits for an acknowledgement of a scrape.
 */
export class ScrapeWriter {
  readonly #options: ScrapeWriterOptions;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Infinity;
  #isHurried = false;

  constructor(options: ScrapeWriterOptions) {
    this.#options = options;
  }

  /** Settles once the frames are on disk, or counted as refused; never rejects. `target` is for the log. */
  write(frames: readonly Frame[], target: string, intervalMs: number): Promise<void> {
    if (frames.length === 0) return Promise.resolve();
    return new Promise((settled) => {
      this.#waiting.push({ frames, target, settled });
      for (const { payload } of frames) this.#waitingBytes += payload.length;
      if (this.#isHurried || this.#waitingBytes >= MOST_WAITING_BYTES) return this.#flush();
      const waitMs = Math.min(MOST_WAIT_MS, intervalMs * WAIT_SHARE);
      const dueMs = this.#options.clock.monotonicMs() + waitMs;
      if (dueMs >= this.#dueMs) return;
      if (this.#timer) clearTimeout(this.#timer);
      this.#dueMs = dueMs;
      this.#timer = setTimeout(() => this.#flush(), waitMs);
    });
  }

  /** Nothing waits any more, now and from here on: the receiver stops. */
  hurry(): void {
    this.#isHurried = true;
    this.#flush();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueMs = Infinity;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { frames, target, settled } of waiting) void Promise.all(frames.map((frame) => this.#append(frame, target))).then(settled);
  }

  async #append({ payload, buffer, items }: Frame, target: string): Promise<void> {
    const { intake, tenant, buffers, meter, log } = this.#options;
    try {
      await intake.accept({ signal: 'metrics', encoding: 'prometheus', tenant, payload, items, rejected: [] });
    } catch (error) {
      meter.refused('metrics', items);
      log.warn('append', 'samples of a scrape could not be kept', { target, error });
      return;
    }
    buffers.give(buffer);
    meter.accepted('metrics', items);
  }
}
