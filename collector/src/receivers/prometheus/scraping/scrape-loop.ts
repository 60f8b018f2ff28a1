import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Labels } from '@signalbox/signals/prometheus/types';
import type { ReceiverContext } from '../../../component.js';
import type { RateLimitedLog } from '../../../telemetry/rate-limited.js';
import { BodyReader } from '../reading/body-reader.js';
import type { Family } from '../reading/exposition.js';
import { Attempt } from '../fetching/attempt.js';
import type { BufferPool } from '../fetching/buffer-pool.js';
import type { ExpositionClient } from '../fetching/exposition-client.js';
import type { ScrapeConfig } from '../config.js';
import { ScrapeSeries, type ScrapeResult } from '../series/scrape-series.js';
import type { Relabeling } from '../targets/relabel.js';
import type { ScrapeWriter } from './scrape-writer.js';
import type { Target } from '../targets/target.js';

/** Lines between two looks at the clock, and how long one slice of reading may hold the event loop. */
const SLICE_LINES = 128;
const SLICE_MS = 3;
const NOTHING: ScrapeResult = { scraped: 0, kept: 0, added: 0, duplicates: 0, unconverted: 0, conversionProblem: '' };

export interface LoopContext {
  readonly config: ScrapeConfig;
  readonly writer: ScrapeWriter;
  readonly buffers: BufferPool;
  readonly client: ExpositionClient;
  readonly metricRelabeling: Relabeling;
  readonly externalLabels: Labels;
  readonly context: ReceiverContext;
  readonly log: RateLimitedLog;
}

/** What the last scrape of a target came to. */
export interface ScrapeHealth {
  readonly health: 'unknown' | 'up' | 'down';
  readonly lastError: string;
  /** Unix milliseconds; 0 before the first scrape. */
  readonly lastScrapeMs: number;
  readonly lastDurationSeconds: number;
}

/** Scrapes one target at its interval, at a moment of its own within it, until it is stopped. */
export class ScrapeLoop {
  readonly #loop: LoopContext;
  readonly #series: ScrapeSeries;
  #isStopped = false;
  #attempt: Attempt | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #health: ScrapeHealth = { health: 'unknown', lastError: '', lastScrapeMs: 0, lastDurationSeconds: 0 };

  constructor(
    readonly target: Target,
    loop: LoopContext,
  ) {
    this.#loop = loop;
    this.#series = new ScrapeSeries(loop.config, target.labels, loop.metricRelabeling, loop.externalLabels);
  }

  get health(): ScrapeHealth {
    return this.#health;
  }

  /** What the target says of its metric families. */
  metadata(): readonly Readonly<Family>[] {
    return this.#series.metadata();
  }

  start(): void {
    const share = createHash('md5').update(this.target.key).digest().readUInt32BE(0) / 2 ** 32;
    this.#schedule(this.#nowMs() + share * this.target.intervalMs);
  }

  /** Ends it. A target that is gone gets stale markers; one of a program that ends does not, since it will be scraped again. */
  async stop(gone: boolean): Promise<void> {
    this.#isStopped = true;
    this.#attempt?.end(new Error('the receiver stops'));
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
    if (!gone || this.#health.health === 'unknown') return;
    const timeMs = this.#wallMs();
    this.#series.fail(timeMs);
    this.#series.report(null, timeMs);
    await this.#append();
  }

  #schedule(atMs: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#scrape().finally(() => {
        if (this.#isStopped) return;
        // A scrape that took longer than the interval leaves out those that it covers.
        const { intervalMs } = this.target;
        this.#schedule(atMs + intervalMs * Math.max(1, Math.ceil((this.#nowMs() - atMs) / intervalMs)));
      });
    }, Math.max(0, atMs - this.#nowMs()));
  }

  async #scrape(): Promise<void> {
    const scrapeMs = this.#wallMs();
    const startMs = this.#nowMs();
    let result = NOTHING;
    let lastError = '';
    try {
      result = await this.#read(scrapeMs);
    } catch (error) {
      if (this.#isStopped) return;
      lastError = describe(error);
      this.#series.fail(scrapeMs);
    }
    const lastDurationSeconds = (this.#nowMs() - startMs) / 1000;
    this.#health = { health: lastError === '' ? 'up' : 'down', lastError, lastScrapeMs: scrapeMs, lastDurationSeconds };
    this.#tell(result, lastError);
    this.#series.report([lastError === '' ? 1 : 0, lastDurationSeconds, result.scraped, result.kept, result.added], scrapeMs);
    await this.#append();
  }

  /** @throws Error when it cannot be fetched or read */
  async #read(scrapeMs: number): Promise<ScrapeResult> {
    const { client, buffers } = this.#loop;
    const attempt = (this.#attempt = new Attempt());
    const { body, buffer, format } = await client.fetch(this.target.url, this.target.timeoutMs, attempt);
    this.#attempt = null;
    this.#series.begin();
    const reader = new BodyReader(body, format, this.#series, scrapeMs);
    let sliceMs = this.#nowMs();
    while (reader.read(SLICE_LINES)) {
      if (this.#nowMs() - sliceMs <= SLICE_MS) continue;
      await nextTurn();
      sliceMs = this.#nowMs();
    }
    if (buffer !== null) buffers.give(buffer);
    return this.#series.finish(scrapeMs);
  }

  #append(): Promise<void> {
    const { buffers, writer } = this.#loop;
    return writer.write([...this.#series.frames(buffers)], this.target.url.href, this.target.intervalMs);
  }

  #tell({ duplicates, unconverted, conversionProblem }: ScrapeResult, lastError: string): void {
    const { config, context, log } = this.#loop;
    const labels = { job: config.job_name };
    if (lastError !== '') {
      context.metrics.count('signalbox_scrapes_failed', labels, 1);
      log.info(`failed ${config.job_name}`, `a scrape of ${this.target.url.href} failed: ${lastError}`, { job: config.job_name });
    }
    if (unconverted > 0) {
      context.metrics.count('signalbox_scrape_histograms_unconverted', labels, unconverted);
      log.warn(`histograms ${config.job_name}`, `${this.target.url.href} exposes histograms that cannot be made native ones: ${conversionProblem}`, { job: config.job_name, histograms: unconverted });
    }
    if (duplicates > 0) {
      context.metrics.count('signalbox_scrape_samples_duplicate', labels, duplicates);
      log.warn(`duplicates ${config.job_name}`, `${this.target.url.href} exposes series more than once; the first sample of each is kept`, { job: config.job_name, duplicates });
    }
  }

  #nowMs(): number {
    return this.#loop.context.clock.monotonicMs();
  }

  #wallMs(): number {
    return Number(this.#loop.context.clock.nowNs() / 1_000_000n);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses were tried: the first says it.
  const cause = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  return cause.message === '' ? cause.name : cause.message;
}
