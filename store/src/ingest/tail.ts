import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import { ReadSpace } from '@signalbox/journal/read-space';
import type { ReadResult } from '@signalbox/journal/reader';
import { setTimeout as sleep } from 'node:timers/promises';
import { Turn } from '../duckdb/turn.js';
import type { StoreLogger, StoreMetrics } from '../logger.js';
import type { HotWriter } from './hot-writer.js';

/** What is read of the journal. */
export interface TailSource {
  durable(): number;
  read(from: number, options: { readonly maxBytes: number; readonly wants: (header: FrameHeader) => boolean; readonly space?: ReadSpace }): Promise<ReadResult>;
  wait(after: number, signal: AbortSignal, timeoutMs: number): Promise<void>;
  /** Where the last read stopped short of what the log has, since it is not to be taken yet; null or absent: it did not. */
  readonly stoppedAt?: number | null;
}

export interface TailOptions {
  readonly source: TailSource;
  readonly writer: HotWriter;
  readonly from: number;
  /** Which frames it takes. */
  readonly wants: (header: FrameHeader) => boolean;
  readonly readBytes: number;
  readonly logger: StoreLogger;
  readonly metrics: StoreMetrics | null;
}

/** Longest sleep without a look at the flush that may be due. */
const MAX_WAIT_MS = 1000;
const RETRY_MS = 1000;
/** What was taken is shown to queries at the latest after so long, or so many rows; a query that waits for it is not kept waiting. */
const SHOW_EVERY_MS = 1000;
const SHOW_ROWS = 8192;
/**
 * At the journal's end: what comes within this time, up to what is read at once, is read together, unless a query waits. Each read costs
 * a thread of the pool and cold caches, so that at a low rate reading often costs more than what is read; and so do looks at how much
 * has come.
 */
const GATHER_MS = 500;
const LOOK_EVERY_MS = 125;

/** Follows the journal: what is durable there becomes visible in the hot part. */
export class Tail {
  private readonly abort = new AbortController();
  private readonly waiting = new Set<{ readonly position: number; readonly reached: () => void }>();
  private readonly loop: Promise<void>;
  /** Frames before it are taken into the hot part. */
  private position: number;
  /** Queries see everything before it. */
  private shown: number;
  private shownAtMs = 0;
  private takenRows = 0;
  private readonly space = new ReadSpace();
  /** Ends the gathering; null where it does not gather. */
  private readNow: (() => void) | null = null;

  constructor(private readonly options: TailOptions) {
    this.position = options.from;
    this.shown = options.from;
    this.loop = this.run();
  }

  /** Queries see everything before this position of the journal. */
  get reached(): number {
    return this.shown;
  }

  /** Waits until queries see everything before `position`, for `timeoutMs` at most. @throws the signal's reason */
  async reach(position: number, signal: AbortSignal, timeoutMs: number): Promise<boolean> {
    signal.throwIfAborted();
    if (this.position >= Math.min(position, this.options.source.stoppedAt ?? position)) this.show();
    if (this.shows(position)) return true;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.waiting.delete(entry);
        resolve();
      };
      const entry = { position, reached: end };
      const timer = setTimeout(end, timeoutMs);
      signal.addEventListener('abort', end, { once: true });
      this.waiting.add(entry);
      this.readNow?.();
    });
    signal.throwIfAborted();
    return this.shows(position);
  }

  /** What is not to be taken yet is not waited for: it is not there for queries. */
  private shows(position: number): boolean {
    const { stoppedAt } = this.options.source;
    return this.shown >= position || (stoppedAt !== undefined && stoppedAt !== null && this.shown >= stoppedAt);
  }

  /** Ends after the frames at hand. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.readNow?.();
    await this.loop;
    for (const { reached } of [...this.waiting]) reached();
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        await this.step(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.options.logger.error('the store cannot read on in the journal and tries again', { position: this.position, error: error instanceof Error ? error.message : String(error) });
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async step(signal: AbortSignal): Promise<void> {
    const { source, writer, readBytes, wants } = this.options;
    const read = await source.read(this.position, { maxBytes: readBytes, wants, space: this.space });
    try {
      await this.take(read);
    } catch (error) {
      // Some of the frames may be in the hot part already: read on from where it is known.
      this.position = this.shown = await writer.discard();
      this.takenRows = 0;
      throw error;
    }
    if (writer.dueInMs() === 0) {
      this.show();
      await writer.rotate();
    } else if (read.next >= source.durable() || source.stoppedAt === read.next) {
      await this.gather(read.next, signal);
      await source.wait(read.next, signal, Math.min(MAX_WAIT_MS, writer.dueInMs()));
    }
  }

  private async gather(next: number, signal: AbortSignal): Promise<void> {
    const { source, readBytes } = this.options;
    const until = performance.now() + GATHER_MS;
    while (!signal.aborted && this.waiting.size === 0 && performance.now() < until && source.durable() - next < readBytes) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.readNow?.(), LOOK_EVERY_MS);
        this.readNow = () => {
          clearTimeout(timer);
          this.readNow = null;
          resolve();
        };
      });
    }
  }

  private async take({ frames, next, evicted }: ReadResult): Promise<void> {
    const { writer, logger } = this.options;
    writer.lost(evicted, this.position);
    const turn = new Turn();
    for (const frame of frames) {
      const { problem } = writer.append(kept(frame));
      if (problem !== undefined) logger.error('a frame of the journal cannot be decoded; its items count as dropped (undecodable)', { position: frame.position, tenant: frame.tenant, signal: frame.signal, problem });
      if (turn.due) await turn.give();
    }
    this.takenRows += frames.reduce((sum, frame) => sum + frame.items, 0);
    this.position = next;
    if (this.options.source.stoppedAt === next && this.waiting.size > 0) this.show();
    this.tell();
    if (this.takenRows >= SHOW_ROWS || performance.now() - this.shownAtMs >= SHOW_EVERY_MS || [...this.waiting].some((waiter) => waiter.position <= next)) this.show();
  }

  /** Making rows visible costs DuckDB a transaction: it is done when somebody waits, and else for many rows at once. */
  private show(): void {
    if (this.shown === this.position) return;
    this.options.writer.show(this.position);
    this.shown = this.position;
    this.shownAtMs = performance.now();
    this.takenRows = 0;
    this.tell();
  }

  private tell(): void {
    for (const waiter of [...this.waiting]) if (this.shows(waiter.position)) waiter.reached();
  }
}

/** What a frame of metrics holds may be remembered, its bytes with it; of the others everything is copied into columns. */
function kept(frame: Frame): Frame {
  return frame.signal === 'metrics' ? { ...frame, payload: Buffer.from(frame.payload) } : frame;
}
