import { Cursor } from '@signalbox/journal/cursor';
import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import type { Clock, Connector, Logger, Metrics, Processor } from '../component.js';
import type { CacheReader, DecodeCache } from '../delivery/reading/decode-cache.js';
import { DeliveryMeter } from '../delivery/accounting/meter.js';
import { pause } from '../delivery/sending/pause.js';
import { prepare } from '../delivery/reading/preparation.js';
import { warnOfLeft } from '../delivery/reading/reader.js';
import { Settlement } from '../delivery/accounting/settlement.js';
import { trackFrame } from '../delivery/reading/track-frame.js';
import type { ConnectorPlan } from '../pipeline/graph.js';
import type { ReadableJournal } from '../sampling/readable-journal.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { AppendRefused, encodeDerived, type AppendDerived, type DerivedFrame } from './append.js';
import { ConnectorStateFile, type ConnectorPoint } from './connector-state.js';
import { snapshotPath } from './snapshot-file.js';

const FLUSH_EVERY_MS = 1000;
/** While nothing is derived: the cursor stands still meanwhile, and so much is consumed again after a crash. */
const KEEP_EVERY_MS = 5000;
const RETRY_MS = 1000;
/** At the end: the process that appends may have ended before. */
const LAST_APPEND_MS = 1000;
const READ_BYTES = 4 * 2 ** 20;

export interface ConnectorReaderOptions {
  readonly plan: ConnectorPlan;
  readonly journal: ReadableJournal;
  readonly connector: Connector;
  readonly processors: readonly { readonly id: string; readonly processor: Processor }[];
  readonly append: AppendDerived;
  readonly dataDir: string;
  readonly cache: DecodeCache;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** How often the connector is asked what is due. Default 1000. */
  readonly flushEveryMs?: number;
}

/**
 * One reader of the journal: a pipeline and a connector that ends it.
 *
 *   journal ─▶ (decode, processors) ─▶ connector ─▶ derived frames
 *                                         │
 *              1. snapshot: states, derived frames, ledger's changes, position: one file, replaced as a whole
 *              2. the frames are appended, by batch ids that the snapshot names
 *              3. the cursor moves to the snapshot's position, with the changes
 *
 * After a crash before 1 the frames are consumed again into the state of the snapshot before; after 1, what the snapshot holds is
 * appended (again: the journal knows the batch id) and committed. So each frame counts once in what is derived.
 */
export class ConnectorReader implements CacheReader {
  readonly #options: ConnectorReaderOptions;
  readonly #log: RateLimitedLog;
  readonly #meter: DeliveryMeter;
  readonly #file: ConnectorStateFile;
  readonly #stop = new AbortController();
  /** Ends appends under way. */
  readonly #abort = new AbortController();
  #settlement = new Settlement(0);
  #cursor: Cursor | null = null;
  #position = 0;
  #flushedMs = 0;
  #keptMs = 0;
  /** Kept on disk, and not yet appended and committed. */
  #open: ConnectorPoint | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ConnectorReaderOptions) {
    this.#options = options;
    const { plan, logger, clock, metrics, connector, processors, journal } = options;
    this.#log = new RateLimitedLog(logger, clock);
    this.#meter = new DeliveryMeter(metrics, { exporter: plan.connector.id, pipeline: plan.pipeline, signal: plan.signal });
    const states = processors.flatMap(({ id, processor }, i) => (processor.state ? [{ name: `${i} ${id}`, state: processor.state }] : []));
    this.#file = new ConnectorStateFile(snapshotPath(options.dataDir, plan.name), journal.id, [...states, { name: 'connector', state: connector.state }], logger);
  }

  get position(): number {
    return this.#position;
  }

  get view(): string {
    const { sampler, pipeline } = this.#options.plan;
    return sampler === null ? '' : pipeline;
  }

  wants({ signal, origin }: FrameHeader): boolean {
    const { plan } = this.#options;
    return signal === plan.signal && (origin === '' || plan.origins.includes(origin));
  }

  /** Restores the state and begins. @throws JournalError when the cursor cannot be opened */
  async start(): Promise<void> {
    const { plan, journal, clock, cache } = this.#options;
    this.#cursor = await Cursor.open({ dir: journal.dir, reader: plan.name, signals: [plan.signal], origins: plan.origins, from: 'beginning', trail: journal.trail });
    warnOfLeft(this.#cursor, this.#options.logger);
    const point = await this.#file.restore();
    this.#position = point?.position ?? this.#cursor.position;
    this.#settlement = new Settlement(Math.max(this.#position, this.#cursor.position));
    // Where the cursor was to move and has moved, all before it was done.
    if (point !== null && (point.position > this.#cursor.position || (!point.moved && point.frames.length > 0))) this.#open = point;
    this.#flushedMs = this.#keptMs = clock.monotonicMs();
    cache.join(this);
    this.#running = this.#run(this.#cursor);
  }

  /** Updates the gauge of what waits. */
  measure(): void {
    if (this.#cursor) this.#meter.lag(Math.max(0, this.#options.journal.durable() - this.#cursor.position));
  }

  /** Keeps the state; what cannot be appended within a second is appended after the next start. */
  async stop(withinMs: number): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#abort.abort(new Error('the program ends')), Math.min(withinMs, LAST_APPEND_MS));
    await this.#running;
    clearTimeout(timer);
  }

  async #run(cursor: Cursor): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#complete(cursor);
        await this.#step(cursor);
      } catch (error) {
        this.#report(error);
        await pause(RETRY_MS, this.#stop.signal);
      }
    }
    try {
      await this.#complete(cursor);
      await this.#flush(cursor, true);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#report(error);
    }
    this.#options.cache.leave(this);
    await cursor.close();
    await this.#options.connector.shutdown();
  }

  async #step(cursor: Cursor): Promise<void> {
    const { journal, clock } = this.#options;
    const dueInMs = this.#flushedMs + (this.#options.flushEveryMs ?? FLUSH_EVERY_MS) - clock.monotonicMs();
    if (dueInMs <= 0) {
      await this.#flush(cursor, false);
      return;
    }
    const { frames, next, evicted } = await journal.read(this.#position, { maxBytes: READ_BYTES, wants: (header) => this.wants(header) });
    if (next === this.#position) return journal.wait(next, this.#stop.signal, dueInMs);
    const before = this.#position;
    this.#position = next;
    for (const frame of frames) this.#consume(frame, cursor.position);
    // What was lost before the cursor's place is in the ledger already.
    const lost = before < cursor.position ? [] : evicted;
    if (lost.length > 0) this.#log.warn('evicted', 'the journal recycled data before it could be delivered; it is in the ledger as evicted', { code: 'SBX_DELIVERY_EVICTED', changes: lost.length });
    this.#settlement.pass(next, lost);
  }

  /** Frames from before the cursor's place only go into the state: they are settled. */
  #consume(frame: Frame, settledBefore: number): void {
    const { cache, processors, connector } = this.#options;
    const tracked = frame.position < settledBefore ? trackFrame(frame) : trackFrame(frame, (header) => this.#settlement.track(header));
    const prepared = prepare([{ frame, tracked }], { cache, reader: this, processors, meter: this.#meter, log: this.#log });
    if (!prepared) return;
    try {
      connector.consume(prepared.batch);
    } catch (error) {
      tracked.drop('connector_failed', prepared.batch.items);
      this.#meter.failed(prepared.batch.items, 'connector_failed');
      this.#log.error('connector', 'a connector failed, which is an error of this program; the items are dropped', { code: 'SBX_DERIVE_CONNECTOR', position: frame.position, items: prepared.batch.items, error });
      return;
    }
    tracked.deliver(prepared.batch.items);
    this.#meter.sent(prepared.batch.items);
  }

  /** Asks what is due; keeps, appends and commits it. Without anything due only now and then. */
  async #flush(cursor: Cursor, last: boolean): Promise<void> {
    const { connector, clock, plan } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#flushedMs = nowMs;
    const derived = connector.flush(clock.nowNs());
    const frames = derived.map((each, n) => encodeDerived(each, plan.connector.id, this.#file.batchId(n))).filter((frame): frame is DerivedFrame => frame !== null);
    if (frames.length === 0 && (this.#position <= cursor.position || (!last && nowMs - this.#keptMs < KEEP_EVERY_MS))) return;
    const settled = this.#settlement.take();
    const position = Math.max(this.#position, cursor.position);
    this.#open = { position, moved: position > cursor.position, changes: settled?.changes ?? [], frames };
    await this.#keep(this.#open);
    this.#keptMs = nowMs;
    await this.#complete(cursor);
  }

  /** What was flushed exists nowhere else: it is tried until it is on disk. */
  async #keep(point: ConnectorPoint): Promise<void> {
    for (;;) {
      try {
        return await this.#file.keep(point);
      } catch (error) {
        this.#report(error);
        if (this.#abort.signal.aborted) throw error;
        await pause(RETRY_MS, this.#abort.signal);
      }
    }
  }

  /** Appends and commits what is kept. */
  async #complete(cursor: Cursor): Promise<void> {
    if (this.#open === null) return;
    const { position, moved, changes, frames } = this.#open;
    for (const frame of frames) {
      try {
        await this.#options.append(frame, this.#abort.signal);
      } catch (error) {
        if (!(error instanceof AppendRefused)) throw error;
        this.#meter.failed(frame.items, 'append_refused');
        this.#log.error('append', 'what a connector derived was refused; it is dropped', { code: error.code, items: frame.items, signal: frame.signal, tenant: frame.tenant, error });
      }
    }
    if (moved) await cursor.commit({ position, changes });
    else if (frames.length > 0) await this.#keep({ position, moved, changes: [], frames: [] }); // nothing else would tell that they are appended
    this.#open = null;
  }

  #report(error: unknown): void {
    this.#log.error('derive', 'a connector cannot go on; it is tried again', { code: 'SBX_DERIVE_RETRY', error });
  }
}
