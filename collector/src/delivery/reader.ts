import { Cursor } from '@signalbox/journal/cursor';
import type { FrameHeader } from '@signalbox/journal/frame';
import type { JournalReader } from '@signalbox/journal/reader';
import type { Clock, Exporter, Logger, Metrics, Processor } from '../component.js';
import type { ReaderPlan } from '../pipeline/graph.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { backoffMs } from './backoff.js';
import { Batcher, type PendingFrame } from './batcher.js';
import { CircuitBreaker } from './breaker.js';
import { Committer } from './committer.js';
import type { DeadLetters } from './dead-letters.js';
import type { CacheReader, DecodeCache } from './decode-cache.js';
import { DeliveryMeter } from './meter.js';
import { pause } from './pause.js';
import { prepare } from './preparation.js';
import { Sender } from './sender.js';
import { Settlement } from './settlement.js';

const IDLE_WAIT_MS = 1000;
const READ_RETRY_MS = 1000;
/** Frames behind one that is not settled: so many at most are delivered again after a crash. */
const MAX_WAITING_FRAMES = 10_000;

export interface DeliveryReaderOptions {
  readonly plan: ReaderPlan;
  readonly journal: JournalReader;
  readonly exporter: Exporter;
  /** Settles when the exporter has started. */
  readonly started: Promise<void>;
  /** Null: what is refused is not kept. */
  readonly deadLetters: DeadLetters | null;
  readonly processors: readonly { readonly id: string; readonly processor: Processor }[];
  readonly cache: DecodeCache;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly random: () => number;
}

/**
 * One reader of the journal: a pipeline and one of its exporters.
 *
 *   journal ─▶ batches ─▶ (decode, processors) ─▶ sender ─▶ exporter
 *      └─ settlement: frames in the journal's order ─▶ cursor and ledger
 *
 * It reads no further than its consumers are free, so that a dead destination costs a batch of memory and nothing else.
 */
export class DeliveryReader implements CacheReader {
  readonly #options: DeliveryReaderOptions;
  readonly #log: RateLimitedLog;
  readonly #meter: DeliveryMeter;
  readonly #batcher: Batcher;
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  readonly #sender: Sender;
  #cursor: Cursor | null = null;
  #position = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: DeliveryReaderOptions) {
    this.#options = options;
    const { plan, exporter, logger, clock, metrics, random } = options;
    const { delivery } = plan.exporter;
    this.#log = new RateLimitedLog(logger, clock);
    this.#meter = new DeliveryMeter(metrics, { exporter: plan.exporter.id, pipeline: plan.pipeline, signal: plan.signal });
    this.#batcher = new Batcher(delivery.batch);
    const breaker = new CircuitBreaker(delivery.circuit_breaker, () => clock.monotonicMs());
    this.#sender = new Sender({ exporter, settings: delivery, breaker, meter: this.#meter, clock, log: this.#log, deadLetters: options.deadLetters, stop: this.#stop.signal, abort: this.#abort.signal, random });
  }

  wants({ signal, origin }: FrameHeader): boolean {
    const { plan } = this.#options;
    return signal === plan.signal && (origin === '' || plan.origins.includes(origin));
  }

  /** How far it has read. */
  get position(): number {
    return this.#position;
  }

  /** Opens the cursor and begins. @throws JournalError when the cursor cannot be opened */
  async start(): Promise<void> {
    const { plan, journal } = this.#options;
    this.#cursor = await Cursor.open({ dir: journal.dir, reader: plan.name, signals: [plan.signal], origins: plan.origins, from: plan.exporter.delivery.start_at });
    this.#position = this.#cursor.position;
    this.#options.cache.join(this);
    this.#running = this.#run(this.#cursor);
  }

  /** Updates the gauge of what waits. */
  measure(): void {
    if (this.#cursor) this.#meter.lag(Math.max(0, this.#options.journal.durable() - this.#cursor.position));
  }

  /** Begins no new attempt; those under way may end within the time. What is not settled then stays in the journal. */
  async stop(withinMs: number): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#abort.abort(new Error('the program ends')), withinMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(cursor: Cursor): Promise<void> {
    const settlement = new Settlement(cursor.position);
    const committer = new Committer(cursor, settlement, this.#log);
    const commitStop = new AbortController();
    const committing = committer.run(commitStop.signal);
    await Promise.race([this.#options.started, pause(Infinity, this.#stop.signal)]);
    while (!this.#stop.signal.aborted) {
      try {
        await this.#step(settlement, committer);
      } catch (error) {
        this.#log.error('read', 'the journal could not be read; it is tried again', { code: 'SBX_DELIVERY_READ', error });
        await pause(READ_RETRY_MS, this.#stop.signal);
      }
    }
    await Promise.all(this.#sending);
    commitStop.abort();
    await committing;
    this.#options.cache.leave(this);
    await cursor.close();
  }

  /** Sends what is due, or reads on, or waits for either. */
  async #step(settlement: Settlement, committer: Committer): Promise<void> {
    const { journal, clock, plan } = this.#options;
    const due = this.#batcher.next(clock.monotonicMs());
    if (due) return this.#dispatch(due, committer);
    if (settlement.waiting > MAX_WAITING_FRAMES && this.#sending.size > 0) {
      await Promise.race(this.#sending);
      return;
    }
    const { frames, next, evicted } = await journal.read(this.#position, { maxBytes: plan.exporter.delivery.batch.max_bytes, wants: (header) => this.wants(header) });
    if (next === this.#position) {
      const dueInMs = this.#batcher.dueInMs(clock.monotonicMs());
      await journal.wait(next, this.#stop.signal, Math.min(dueInMs ?? IDLE_WAIT_MS, IDLE_WAIT_MS));
      return;
    }
    for (const frame of frames) this.#batcher.add({ frame, tracked: settlement.track(frame) }, clock.monotonicMs());
    this.#position = next;
    if (evicted.length > 0) this.#log.warn('evicted', 'the journal recycled data before it could be delivered; it is in the ledger as evicted', { code: 'SBX_DELIVERY_EVICTED', changes: evicted.length });
    if (evicted.length > 0 || frames.at(-1)?.next !== next) settlement.pass(next, evicted);
    if (evicted.length > 0) committer.poke();
  }

  /** Waits until a consumer is free, then lets it send. */
  async #dispatch(pending: readonly PendingFrame[], committer: Committer): Promise<void> {
    const { plan, cache, processors } = this.#options;
    const consumers = this.#options.exporter.ordered === true ? 1 : plan.exporter.delivery.sending_queue.num_consumers;
    while (this.#sending.size >= consumers) await Promise.race(this.#sending);
    if (this.#stop.signal.aborted) return;
    const tracked = prepare(pending, { cache, reader: this, processors, meter: this.#meter, log: this.#log });
    if (!tracked) return committer.poke();
    const sending = this.#sender.send(tracked).finally(() => {
      this.#sending.delete(sending);
      committer.poke();
    });
    this.#sending.add(sending);
  }
}

/** Starts an exporter, trying again until it succeeds or is stopped: a destination that is down at start is no different from later. */
export async function startExporter(exporter: Exporter, plan: ReaderPlan, log: RateLimitedLog, stop: AbortSignal): Promise<void> {
  for (let failures = 1; exporter.start && !stop.aborted; failures++) {
    try {
      await exporter.start();
      return;
    } catch (error) {
      log.error('start', 'the exporter could not start; it is tried again', { code: 'SBX_DELIVERY_START', error });
      await pause(backoffMs(failures, plan.exporter.delivery.retry_on_failure, undefined, 0.5), stop);
    }
  }
}
