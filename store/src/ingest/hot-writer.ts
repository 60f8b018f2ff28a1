import { acceptedItems, type Frame } from '@signalbox/journal/frame';
import type { LedgerChange } from '@signalbox/journal/ledger-change';
import type { Database } from '../duckdb/database.js';
import type { Catalog } from '../files/catalog.js';
import { Generation } from '../hot/generation.js';
import { TermSpace } from '../index/term-space.js';
import type { StoreSettings } from '../settings.js';
import type { Flusher } from './flush.js';
import { appendFrame, type FrameOutcome } from './frames.js';
import { SpanWire } from './span-wire.js';
import { SeriesHead } from '../series/head/series-head.js';
import { MetricIntake } from '../series/intake/metric-intake.js';

/** What goes before a frame's items are taken; null takes it as it is. `dropped` and the items of `frame` are the frame's accepted items. */
export type PrepareFrame = (frame: Frame) => { readonly frame: Frame | null; readonly dropped: Readonly<Record<string, number>> } | null;

export interface HotWriterOptions {
  readonly prepare?: PrepareFrame;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly flusher: Flusher;
  readonly settings: StoreSettings;
  /** Everything before this position is in the ledger already; items from before it are only counted as redelivered. */
  readonly ledgerPosition: number;
  readonly nowMs: () => number;
}

/**
 * The one that writes: frames go into the current generation; when that is full or old it is sealed, a new one takes its
 * place, and its files are written in the background, one flush at a time.
 */
export class HotWriter {
  private readonly abort = new AbortController();
  private firstFrameMs: number | null = null;
  private flushing: Promise<void> = Promise.resolve();
  private ids = 1;
  private readonly wire = new SpanWire();
  private readonly metrics: MetricIntake;

  /** Position at which the current generation begins. */
  private beginning: number;

  private constructor(private readonly options: HotWriterOptions, private readonly head: SeriesHead, private readonly space: TermSpace, private current: Generation) {
    this.beginning = current.position;
    this.metrics = new MetricIntake(options.settings.limits.seriesPerTenant, options.settings.otlp);
  }

  static async open(options: HotWriterOptions): Promise<HotWriter> {
    const { limits, zeroAtStart } = options.settings;
    const head = new SeriesHead({ maxSeries: limits.seriesPerTenant, idleMs: limits.seriesIdleMs, zeroAtStart });
    const space = new TermSpace();
    const first = await Generation.create(options.database, 1, limits, head, space);
    first.position = options.catalog.manifest.position;
    options.catalog.addGeneration(first);
    return new HotWriter(options, head, space, first);
  }

  /** Rows that are in no file yet and not being written. */
  get rows(): number {
    return this.current.rows + this.current.samples.rows;
  }

  get bytes(): number {
    return this.current.bytes + this.current.samples.bytes;
  }

  /** Live series of all tenants. */
  get series(): number {
    return this.head.seriesCount;
  }

  /** Adds a frame's items; queries see them after `show`. */
  append(frame: Frame): FrameOutcome {
    const { current, options } = this;
    const outcome = this.appendPrepared(current, frame);
    if (frame.position < options.ledgerPosition) {
      current.ledger.redelivered(frame, acceptedItems(frame));
    } else {
      current.ledger.delivered(frame, outcome.delivered);
      for (const [reason, items] of Object.entries(outcome.dropped)) current.ledger.dropped(frame, reason, items);
    }
    this.firstFrameMs ??= options.nowMs();
    return outcome;
  }

  private appendPrepared(current: Generation, frame: Frame): FrameOutcome {
    const prepared = this.options.prepare?.(frame) ?? null;
    if (prepared === null) return appendFrame(current, frame, this.wire, this.metrics);
    if (prepared.frame === null) return { delivered: 0, dropped: prepared.dropped };
    const outcome = appendFrame(current, prepared.frame, this.wire, this.metrics);
    const dropped: Record<string, number> = { ...prepared.dropped };
    for (const [reason, items] of Object.entries(outcome.dropped)) dropped[reason] = (dropped[reason] ?? 0) + items;
    return { ...outcome, dropped };
  }

  /** Items that the journal lost before they could be read; `from` is where the read began. */
  lost(changes: readonly LedgerChange[], from: number): void {
    if (changes.length === 0 || from < this.options.ledgerPosition) return;
    this.current.ledger.add(changes);
    this.firstFrameMs ??= this.options.nowMs();
  }

  /** Makes everything appended visible; the generation now holds all before `position`. */
  show(position: number): void {
    this.current.flush();
    this.current.position = position;
  }

  /** Milliseconds until the current generation is to be flushed; 0 when it is due, Infinity when it is empty. */
  dueInMs(): number {
    const { flush } = this.options.settings;
    if (this.firstFrameMs === null) return Infinity;
    if (this.current.rows >= flush.rows || this.current.samples.rows >= flush.samples || this.current.bytes >= flush.bytes) return 0;
    return Math.max(0, this.firstFrameMs + flush.ageMs - this.options.nowMs());
  }

  /** Seals the current generation and begins to write it, after the flush before has ended. */
  async rotate(): Promise<void> {
    await this.flushing;
    const { abort, options, current: sealed } = this;
    abort.signal.throwIfAborted();
    const next = await Generation.create(options.database, ++this.ids, options.settings.limits, this.head, this.space);
    next.position = sealed.position;
    sealed.seal();
    if (await this.head.collect(sealed.samples.tenants, options.nowMs())) this.metrics.forgetSeries();
    this.begin(next);
    options.catalog.addGeneration(next);
    this.flushing = options.flusher.flush(sealed, abort.signal).catch(() => undefined); // aborted by close(): the journal still has it
  }

  /**
   * Forgets the current generation, of which nobody knows what it holds after an append failed. Answers the position to read on
   * from; until that is done again, queries miss what is behind it.
   */
  async discard(): Promise<number> {
    const { options, current: failed } = this;
    const next = await Generation.create(options.database, ++this.ids, options.settings.limits, this.head, this.space);
    next.position = this.beginning;
    this.head.forgetLast();
    this.metrics.forget();
    this.begin(next);
    options.catalog.replaceGeneration(failed, next);
    return next.position;
  }

  private begin(next: Generation): void {
    this.current = next;
    this.beginning = next.position;
    this.firstFrameMs = null;
  }

  /** Settles when what was sealed is in files. */
  flushed(): Promise<void> {
    return this.flushing;
  }

  /** Writes what is in memory and ends; gives up when that takes longer, since the journal still has it. */
  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.abort.abort(new Error('the store is closing')), timeoutMs);
    try {
      if (this.firstFrameMs !== null) await this.rotate();
      await this.flushing;
    } finally {
      clearTimeout(timer);
    }
  }
}
