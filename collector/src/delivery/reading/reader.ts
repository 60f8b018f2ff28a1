import { Cursor } from '@signalbox/journal/cursor';
import type { FrameHeader } from '@signalbox/journal/frame';
import type { Clock, Exporter, Logger, Metrics, Processor } from '../../component.js';
import type { ReaderPlan } from '../../pipeline/graph.js';
import { ProcessorStates } from '../../derive/processor-states.js';
import type { ReadableJournal } from '../../sampling/readable-journal.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { backoffMs } from '../sending/backoff.js';
import { AttemptMark } from '../sending/attempt-mark.js';
import { Batcher, type PendingFrame } from './batcher.js';
import { CircuitBreaker } from '../sending/breaker.js';
import { Committer } from '../accounting/committer.js';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { CacheReader, DecodeCache } from './decode-cache.js';
import { DeliveryMeter } from '../accounting/meter.js';
import { pause } from '../sending/pause.js';
import { needsNoObjects, prepare, type PreparationOptions } from './preparation.js';
import { Sender } from '../sending/sender.js';
import { Settlement, type TrackedFrame } from '../accounting/settlement.js';
import { trackFrame } from './track-frame.js';

const READ_RETRY_MS = 1000;
/**
 * How often it looks for more, by the time that a batch waits anyway: each look wakes the process, which takes more than the look. While
 * nothing comes it looks less and less often.
 */
const LOOK_MOST_MS = 250;
const LOOK_LEAST_MS = 3;
const LOOK_IDLE_MS = 30;
const LOOKS_A_WAIT = 2;
/** Frames behind one that is not settled: so many at most are delivered again after a crash. */
const MAX_WAITING_FRAMES = 10_000;

export interface DeliveryReaderOptions {
  readonly plan: ReaderPlan;
  readonly journal: ReadableJournal;
  readonly exporter: Exporter;
  /** Settles when the exporter has started. */
  readonly started: Promise<void>;
  /** Null: what is refused is not kept. */
  readonly deadLetters: DeadLetters | null;
  readonly processors: readonly { readonly id: string; readonly processor: Processor }[];
  /** For the memory of processors. */
  readonly dataDir: string;
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
  readonly #preparation: PreparationOptions;
  #cursor: Cursor | null = null;
  /** Null where no processor has a memory. */
  #states: ProcessorStates | null = null;
  #position = 0;
  #mark: AttemptMark | null = null;
  /** Frames up to here may have been sent before this process began. */
  #attempted = 0;
  #running: Promise<void> = Promise.resolve();
  /** Before a batch goes that is not full, what has come meanwhile is read. */
  #readFirst = false;
  readonly #lookMs: number;
  #idleMs: number;

  constructor(options: DeliveryReaderOptions) {
    this.#options = options;
    const { plan, exporter, logger, clock, metrics, random } = options;
    const { delivery } = plan.exporter;
    this.#log = new RateLimitedLog(logger, clock);
    this.#meter = new DeliveryMeter(metrics, { exporter: plan.exporter.id, pipeline: plan.pipeline, signal: plan.signal });
    this.#preparation = { cache: options.cache, reader: this, processors: options.processors, wire: exporter.wire === true, meter: this.#meter, log: this.#log };
    this.#batcher = new Batcher(delivery.batch);
    this.#lookMs = this.#idleMs = Math.min(LOOK_MOST_MS, Math.max(LOOK_LEAST_MS, delivery.batch.max_wait / LOOKS_A_WAIT));
    const breaker = new CircuitBreaker(delivery.circuit_breaker, () => clock.monotonicMs());
    this.#sender = new Sender({ exporter, settings: delivery, breaker, meter: this.#meter, clock, log: this.#log, deadLetters: options.deadLetters, mark: { raise: (position) => this.#mark?.raise(position) }, overQuota: (next) => next <= this.#quotaStart(), stop: this.#stop.signal, abort: this.#abort.signal, random });
  }

  wants({ signal, origin }: FrameHeader): boolean {
    const { plan } = this.#options;
    return signal === plan.signal && (origin === '' || plan.origins.includes(origin));
  }

  decodes(header: FrameHeader): boolean {
    return !needsNoObjects(header, this.#preparation);
  }

  /** The tail sampling that takes spans out of its frames. */
  get view(): string {
    const { sampler, pipeline } = this.#options.plan;
    return sampler === null ? '' : pipeline;
  }

  /** How far it has read. */
  get position(): number {
    return this.#position;
  }

  /** Opens the cursor and begins. @throws JournalError when the cursor cannot be opened */
  async start(): Promise<void> {
    const { plan, journal } = this.#options;
    this.#cursor = await Cursor.open({ dir: journal.dir, reader: plan.name, signals: [plan.signal], origins: plan.origins, from: plan.exporter.delivery.start_at, trail: journal.trail });
    this.#position = this.#cursor.position;
    warnOfLeft(this.#cursor, this.#options.logger);
    this.#states = await ProcessorStates.open({ ...this.#options, reader: plan.name, journalDir: journal.dir, journalId: journal.id }, this.#position, this.#options.clock.monotonicMs());
    this.#mark = await AttemptMark.open(this.#options.dataDir, plan.name, journal.id).catch((error: unknown) => {
      this.#log.error('mark', 'how far this exporter had begun to send cannot be read; what is sent again after a crash is not counted as such', { code: 'SBX_DELIVERY_MARK', error });
      return null;
    });
    this.#attempted = this.#mark?.position ?? 0;
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
    let replayed = false;
    while (!this.#stop.signal.aborted) {
      try {
        if (!replayed) await this.#replay();
        replayed = true;
        await this.#keepStates(cursor, committer);
        await this.#step(settlement, committer);
      } catch (error) {
        this.#log.error('read', 'the journal could not be read; it is tried again', { code: 'SBX_DELIVERY_READ', error });
        await pause(READ_RETRY_MS, this.#stop.signal);
      }
    }
    await Promise.all(this.#sending);
    commitStop.abort();
    await committing;
    if (replayed && cursor.position === this.#position) this.#states?.take(this.#position, this.#options.clock.monotonicMs());
    await this.#states?.keep(cursor.position);
    await this.#states?.close();
    await this.#mark?.close();
    this.#options.cache.leave(this);
    await cursor.close();
  }

  /** Processors with a memory see again what is settled and not in their snapshot; nothing of it is sent. */
  async #replay(): Promise<void> {
    const { journal, plan } = this.#options;
    const to = this.#position;
    for (let at = this.#states?.replayFrom ?? to; at < to && !this.#stop.signal.aborted; ) {
      const { frames, next } = await journal.read(at, { maxBytes: plan.exporter.delivery.batch.max_bytes, wants: (header) => header.position < to && this.wants(header) });
      for (const frame of frames) prepare([{ frame, tracked: trackFrame(frame) }], this.#preparation);
      if (next === at) return;
      at = next;
    }
  }

  async #keepStates(cursor: Cursor, committer: Committer): Promise<void> {
    const { clock } = this.#options;
    if (this.#states === null) return;
    if (this.#states.due(clock.monotonicMs())) {
      this.#batcher.closeAll();
      for (let due = this.#batcher.next(Infinity); due !== null; due = this.#batcher.next(Infinity)) await this.#dispatch(due, committer);
      if (!this.#stop.signal.aborted) this.#states.take(this.#position, clock.monotonicMs());
    }
    await this.#states.keep(cursor.position);
  }

  /** Frames that end before this position are more than the exporter may leave in the journal. */
  #quotaStart(): number {
    const { journal, plan } = this.#options;
    const { max_bytes: maxBytes } = plan.exporter.delivery.sending_queue;
    return maxBytes === null ? 0 : journal.durable() - maxBytes;
  }

  #dropOverQuota(frames: readonly TrackedFrame[]): void {
    if (frames.length === 0) return;
    let items = 0;
    for (const tracked of frames) {
      items += tracked.open;
      tracked.drop('over_quota', tracked.open);
    }
    this.#meter.failed(items, 'over_quota');
    this.#log.warn('over_quota', 'the destination takes data too slowly for its quota; the oldest is dropped', { code: 'SBX_DELIVERY_OVER_QUOTA', items });
  }

  /** Sends what is due, or reads on, or waits for either. */
  async #step(settlement: Settlement, committer: Committer): Promise<void> {
    const { journal, clock, plan } = this.#options;
    const due = this.#batcher.next(this.#readFirst ? -Infinity : clock.monotonicMs());
    if (due) return this.#dispatch(due, committer);
    this.#readFirst = false;
    if (settlement.waiting > MAX_WAITING_FRAMES && this.#sending.size > 0) {
      await Promise.race(this.#sending);
      return;
    }
    const quotaStart = this.#quotaStart();
    const overQuota: FrameHeader[] = [];
    const wants = (header: FrameHeader): boolean => {
      if (!this.wants(header)) return false;
      if (header.next > quotaStart) return true;
      overQuota.push(header);
      return false;
    };
    const { frames, next, evicted } = await journal.read(this.#position, { maxBytes: plan.exporter.delivery.batch.max_bytes, wants });
    if (next === this.#position) return this.#waitForMore();
    this.#idleMs = this.#lookMs;
    this.#dropOverQuota(overQuota.map((header) => settlement.track(header)));
    for (const frame of frames) {
      const tracked = trackFrame(frame, (header) => settlement.track(header));
      tracked.attempted = frame.next <= this.#attempted;
      this.#batcher.add({ frame, tracked }, clock.monotonicMs() - this.#ageMs(frame));
    }
    this.#position = next;
    // Of a backlog batches are full, however old it is.
    this.#readFirst = journal.durable() > next + this.#batcher.roomBytes;
    if (evicted.length > 0) this.#log.warn('evicted', 'the journal recycled data before it could be delivered; it is in the ledger as evicted', { code: 'SBX_DELIVERY_EVICTED', changes: evicted.length });
    if (evicted.length > 0 || frames.at(-1)?.next !== next) settlement.pass(next, evicted);
    if (evicted.length > 0 || overQuota.length > 0) committer.poke();
  }

  /** How much of the time that a batch may wait is over for a frame. */
  #ageMs({ receivedNs }: FrameHeader): number {
    const ageMs = Number(this.#options.clock.nowNs() - receivedNs) / 1e6;
    return Math.min(Math.max(0, ageMs), this.#options.plan.exporter.delivery.batch.max_wait);
  }

  /** Until there may be something to read. While a batch waits, what comes is read in one go: when it is due, or when there is enough to fill it. */
  async #waitForMore(): Promise<void> {
    const { journal, clock } = this.#options;
    const dueInMs = this.#batcher.dueInMs(clock.monotonicMs());
    if (dueInMs === 0) return;
    if (dueInMs === null) {
      await pause(this.#idleMs, this.#stop.signal);
      this.#idleMs = Math.min(this.#idleMs * 1.5, Math.max(this.#lookMs, LOOK_IDLE_MS));
      return;
    }
    this.#readFirst = true;
    const dueMs = clock.monotonicMs() + dueInMs;
    const filledAt = this.#position + Math.max(1, this.#batcher.roomBytes);
    for (let leftMs = dueInMs; leftMs > 0 && !this.#stop.signal.aborted; leftMs = dueMs - clock.monotonicMs()) {
      await pause(Math.min(this.#lookMs, leftMs), this.#stop.signal);
      if (journal.durable() >= filledAt) return;
    }
  }

  /** Waits until a consumer is free, then lets it send. */
  async #dispatch(pending: readonly PendingFrame[], committer: Committer): Promise<void> {
    const { plan } = this.#options;
    const consumers = this.#options.exporter.ordered === true ? 1 : plan.exporter.delivery.sending_queue.num_consumers;
    while (this.#sending.size >= consumers) await Promise.race(this.#sending);
    if (this.#stop.signal.aborted) return;
    const quotaStart = this.#quotaStart();
    this.#dropOverQuota(pending.filter(({ frame }) => frame.next <= quotaStart).map(({ tracked }) => tracked));
    const tracked = prepare(pending.filter(({ frame }) => frame.next > quotaStart), this.#preparation);
    if (!tracked) return committer.poke();
    const sending = this.#sender.send(tracked).finally(() => {
      this.#sending.delete(sending);
      committer.poke();
    });
    this.#sending.add(sending);
  }
}

/** Whoever renames a receiver with a backlog behind it is to know. */
export function warnOfLeft(cursor: Cursor, logger: Logger): void {
  for (const { items, origin, signal, tenant } of cursor.left) {
    logger.warn('items of a receiver that the pipeline does not list any more were still to be delivered; they leave the ledger and are not delivered by this pipeline', { code: 'SBX_DELIVERY_LEFT', reader: cursor.reader, receiver: origin, items, signal, tenant });
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
