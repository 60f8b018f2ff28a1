import { randomBytes } from 'node:crypto';
import { Cursor } from '@signalbox/journal/cursor';
import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import { ReadSpace } from '@signalbox/journal/read-space';
import type { BatchPart, Clock, Logger, Metrics } from '../component.js';
import type { NamedProcessor } from '../delivery/create.js';
import type { CacheReader } from '../delivery/reading/decode-cache.js';
import { decodeFrame } from '../delivery/reading/decode.js';
import { DeliveryMeter } from '../delivery/accounting/meter.js';
import { pause } from '../delivery/sending/pause.js';
import { prepare } from '../delivery/reading/preparation.js';
import { TrackedFrame } from '../delivery/accounting/settlement.js';
import { encodeDecisions } from './records/decision-frames.js';
import type { AppendDerived, DerivedFrame } from '../derive/append.js';
import type { SamplingPlan } from '../pipeline/graph.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { DecisionFollower } from './following/decision-follower.js';
import type { DecisionNews } from './following/decision-news.js';
import { keepDecisions, readKeptDecisions } from './deciding/decision-memory.js';
import { DecisionWindow } from './deciding/decision-window.js';
import { JournalClock } from './deciding/journal-clock.js';
import type { ReadableJournal } from './readable-journal.js';
import { SamplingMeter } from './deciding/sampling-meter.js';
import type { TraceSampler } from './trace-sampler.js';

/**
 * Each append is a request to another process, a sync there, and a read by every reader that waits for it. What has come meanwhile is
 * read just before: frames together cost less, and decisions need not be made at once.
 */
const FLUSH_EVERY_MS = 1000;
/** Records that are not appended: beyond that nothing is read. */
const FLUSH_RECORDS = 8192;
/** What is behind the cursor is read again after a crash; for each move the remembered decisions are written. */
const COMMIT_EVERY_MS = 30_000;
const RETRY_MS = 1000;
/** At the end: the process that appends may have ended before. */
const LAST_APPEND_MS = 1000;
const READ_BYTES = 1 << 20;

export interface DecidingReaderOptions {
  readonly plan: SamplingPlan;
  readonly journal: ReadableJournal;
  readonly sampler: TraceSampler;
  /** Those in front of the sampler. */
  readonly processors: readonly NamedProcessor[];
  readonly append: AppendDerived;
  /** Told when decisions were appended. */
  readonly news: DecisionNews;
  readonly dataDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** How often decisions are appended. Default 1000. */
  readonly flushEveryMs?: number;
}

/**
 * Decides for a pipeline which traces stay: one reader for all that take the pipeline's spans.
 *
 *   journal ─▶ (processors in front) ─▶ facts by trace ─▶ decisions ─▶ journal
 *                                                           then the cursor moves to the oldest undecided trace
 *
 * After a crash the frames from the cursor on are read again; what the journal holds of decisions about them stands.
 */
export class DecidingReader implements CacheReader {
  readonly #options: DecidingReaderOptions;
  readonly #log: RateLimitedLog;
  readonly #meter: SamplingMeter;
  readonly #prepareMeter: DeliveryMeter;
  readonly #window: DecisionWindow;
  readonly #time = new JournalClock();
  readonly #incarnation = randomBytes(6).toString('hex');
  readonly #stop = new AbortController();
  /** Ends appends under way. */
  readonly #abort = new AbortController();
  readonly #space = new ReadSpace();
  #cursor: Cursor | null = null;
  #position = 0;
  /** What the journal says that is decided. */
  #decidedBefore = 0;
  /** Behind the last frame of the pipeline, and its tenant. */
  #lastTaken = { next: 0, tenant: '' };
  #outbox: DerivedFrame[] = [];
  /** Where the cursor goes when all of the outbox is appended. */
  #outboxTo = 0;
  #frames = 0;
  #flushedMs = 0;
  #committedMs = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: DecidingReaderOptions) {
    this.#options = options;
    const { plan, sampler, logger, clock, metrics } = options;
    this.#log = new RateLimitedLog(logger, clock);
    this.#meter = new SamplingMeter(metrics, plan.sampler.id, plan.pipeline);
    this.#prepareMeter = new DeliveryMeter(metrics, { exporter: plan.sampler.id, pipeline: plan.pipeline, signal: plan.signal });
    this.#window = new DecisionWindow(sampler, this.#meter);
  }

  get position(): number {
    return this.#position;
  }

  wants({ signal, origin }: FrameHeader): boolean {
    const { plan } = this.#options;
    return signal === plan.signal && (origin === '' || plan.origins.includes(origin));
  }

  /** Opens the cursor and begins. @throws JournalError when the cursor cannot be opened */
  async start(): Promise<void> {
    const { plan, journal } = this.#options;
    this.#cursor = await Cursor.open({ dir: journal.dir, reader: plan.name, signals: [], from: 'beginning', trail: journal.trail });
    this.#position = this.#cursor.position;
    this.#running = this.#run(this.#cursor);
  }

  get #place(): { readonly dataDir: string; readonly reader: string; readonly journalId: string } {
    const { dataDir, plan, journal } = this.#options;
    return { dataDir, reader: plan.name, journalId: journal.id };
  }

  measure(): void {
    this.#meter.inMemory(this.#window.size);
  }

  /** What is not decided is gathered again after the next start. */
  async stop(withinMs: number): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#abort.abort(new Error('the program ends')), Math.min(withinMs, LAST_APPEND_MS));
    await this.#running;
    clearTimeout(timer);
  }

  async #run(cursor: Cursor): Promise<void> {
    let restored = false;
    while (!this.#stop.signal.aborted) {
      try {
        if (!restored) await this.#restore(cursor);
        restored = true;
        await this.#step(cursor);
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        this.#log.error('sampling', 'tail sampling cannot go on; it is tried again, and the spans of its pipeline wait', { code: 'SBX_SAMPLING_RETRY', error });
        await pause(RETRY_MS, this.#stop.signal);
      }
    }
    try {
      if (restored) await this.#flush(cursor, true);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#log.error('sampling', 'decisions could not be kept; they are made again after the next start', { code: 'SBX_SAMPLING_RETRY', error });
    }
    await cursor.close();
  }

  /** Reads what the journal knows. What a program that ended a moment ago still had on its way is appended before the mark. */
  async #restore(cursor: Cursor): Promise<void> {
    const { plan, journal, append, logger } = this.#options;
    const kept = await readKeptDecisions(this.#place);
    if (kept === 'damaged') logger.error('the decisions that were remembered cannot be read; late spans of their traces are decided anew', { code: 'SBX_DERIVE_STATE', reader: plan.name });
    const mark = encodeDecisions({ plan, incarnation: this.#incarnation, first: this.#frames, decidedBefore: cursor.position, decidedBeforeAtEnd: cursor.position, records: new Map(), tenant: 'default' });
    for (const frame of mark) await append(frame, this.#stop.signal);
    this.#frames += mark.length;
    const follower = new DecisionFollower(journal, { pipeline: plan.pipeline, sampler: plan.sampler.id }, logger);
    this.#window.known.clear();
    this.#window.cache.clear();
    if (kept !== null && kept !== 'damaged') kept.each((tenant, bytes, at, decision) => this.#window.remember(tenant, bytes, at, decision));
    await follower.followAll(cursor.position, (tenant, list, told) => this.#window.follow(tenant, list, told));
    this.#window.known.forget(cursor.position);
    this.#decidedBefore = Math.max(cursor.position, follower.decidedBefore);
  }

  async #step(cursor: Cursor): Promise<void> {
    const { journal, clock, flushEveryMs = FLUSH_EVERY_MS } = this.#options;
    if (this.#window.pending >= FLUSH_RECORDS) return this.#flush(cursor, false);
    // Before the read: what comes while it is under way is not behind a time at which nothing more was there.
    const [readAtMs, readAtNs] = [clock.monotonicMs(), clock.nowNs()];
    const { frames, next } = await journal.read(this.#position, { maxBytes: READ_BYTES, wants: (header) => this.wants(header), space: this.#space });
    for (const frame of frames) this.#take(frame);
    const atEnd = next <= this.#position;
    this.#position = next;
    if (atEnd) {
      this.#time.atEnd(readAtMs, readAtNs);
      this.#window.decide(this.#time.nowMs, () => clock.nowNs());
    }
    const dueInMs = this.#flushedMs + flushEveryMs - clock.monotonicMs();
    if (dueInMs <= 0) return this.#flush(cursor, false);
    if (atEnd) await pause(dueInMs, this.#stop.signal);
  }

  #take(frame: Frame): void {
    const { sampler, processors, clock } = this.#options;
    this.#time.frame(frame.receivedNs, clock.monotonicMs());
    this.#window.decide(this.#time.nowMs, () => clock.nowNs());
    this.#lastTaken = { next: frame.next, tenant: frame.tenant };
    this.#window.frame(frame, this.#time.nowMs, (traces) => {
      if (processors.length === 0 && !sampler.needsModel && frame.encoding === 'otlp') {
        try {
          sampler.observe(frame, traces);
        } catch (error) {
          this.#log.error('undecodable', 'a frame of the journal cannot be read; what could be read of it counts', { code: 'SBX_DELIVERY_UNDECODABLE', position: frame.position, error });
        }
        return;
      }
      const part = this.#decoded(frame);
      if (part) sampler.observeModel(part, traces);
    });
  }

  #decoded(frame: Frame): BatchPart | null {
    const { processors } = this.#options;
    const prepared = prepare([{ frame, tracked: new TrackedFrame(frame) }], { cache: { decode: decodeFrame }, reader: this, processors, meter: this.#prepareMeter, log: this.#log });
    return prepared?.batch.parts[0] ?? null;
  }

  /** Appends what was decided, then moves the cursor. */
  async #flush(cursor: Cursor, last: boolean): Promise<void> {
    const { clock, plan, append, news } = this.#options;
    this.#flushedMs = clock.monotonicMs();
    if (this.#outbox.length === 0) {
      const decidedBefore = this.#window.oldestPosition ?? this.#position;
      const records = this.#window.take(clock.nowNs());
      const news = records.size > 0 || (decidedBefore > this.#decidedBefore && this.#lastTaken.next > this.#decidedBefore);
      if (news) {
        this.#outbox = [...encodeDecisions({ plan, incarnation: this.#incarnation, first: this.#frames, decidedBefore: this.#decidedBefore, decidedBeforeAtEnd: Math.max(decidedBefore, this.#decidedBefore), records, tenant: this.#lastTaken.tenant || 'default' })];
        this.#frames += this.#outbox.length;
      }
      this.#outboxTo = decidedBefore;
    }
    const startedMs = clock.monotonicMs();
    while (this.#outbox.length > 0) {
      await append(this.#outbox[0]!, this.#abort.signal);
      this.#outbox.shift();
      this.#decidedBefore = Math.max(this.#decidedBefore, this.#outbox.length === 0 ? this.#outboxTo : 0);
      if (this.#outbox.length === 0) news.tell();
    }
    this.#meter.round((clock.monotonicMs() - startedMs) / 1000);
    if (this.#outboxTo > cursor.position && (last || clock.monotonicMs() - this.#committedMs >= COMMIT_EVERY_MS)) {
      // First: what stands in the journal before the cursor is not read again.
      await keepDecisions(this.#place, this.#outboxTo, this.#window.cache);
      await cursor.commit({ position: this.#outboxTo, changes: [] });
      this.#committedMs = clock.monotonicMs();
    }
  }
}
