import { Cursor } from '@signalbox/journal/cursor';
import { JournalError } from '@signalbox/journal/errors';
import type { Frame } from '@signalbox/journal/frame';
import { Journal } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import type { Signal } from '@signalbox/signals/model/signal';
import { SIGNALS } from '@signalbox/signals/model/signal';
import { scanRequest } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import type { Batch } from '../batch.js';
import type { Failure } from '../failure.js';
import type { WaitingBatch } from '../sending/send-queue.js';
import type { SpoolOptions } from './spool.js';

/** A batch on disk, with the time at which it came there. */
export interface KeptBatch extends WaitingBatch<Batch> {
  readonly keptMs: number;
}

const TENANT = 'default';
/** The largest batch that can be kept; about twice as much is on disk at least. */
const MAX_SEGMENT_BYTES = 4 << 20;
const MIN_SEGMENT_BYTES = 64 << 10;

/** One process' part of a spool: a journal, read by one cursor for each signal. Open in one process at a time. */
export class SpoolFolder {
  readonly #secrets = new SecretKeys();

  private constructor(
    readonly dir: string,
    private readonly options: SpoolOptions,
    private readonly journal: Journal,
    private readonly reader: JournalReader,
    private readonly cursors: Readonly<Record<Signal, Cursor>>,
  ) {}

  /** @throws JournalError SBX_JOURNAL_IN_USE where another process has it, or what the disk says */
  static async open(dir: string, options: SpoolOptions): Promise<SpoolFolder> {
    const { maxBytes } = options;
    const segmentBytes = Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, Math.floor(maxBytes / 4 / 4096) * 4096));
    const journal = await Journal.open({ dir, maxBytes, segmentBytes, maxTenants: 1 });
    const reader = await JournalReader.open(dir);
    const [traces, logs, metrics] = await Promise.all([openCursor(dir, 'traces'), openCursor(dir, 'logs'), openCursor(dir, 'metrics')]);
    return new SpoolFolder(dir, options, journal, reader, { traces, logs, metrics });
  }

  /**
   * Null once it is durable; the values of secrets are overwritten before. A failure where no spool could take it.
   * @throws JournalError what the disk says
   */
  async keep({ signal, items, id, bytes }: Batch, keptMs = Date.now()): Promise<Failure | null> {
    try {
      const payload = await bytes();
      scanRequest(signal, payload, { secrets: this.#secrets });
      await this.journal.append({ signal, encoding: 'otlp', tenant: TENANT, items, rejected: [], receivedNs: BigInt(keptMs) * 1_000_000n, batchId: id, payload });
      return null;
    } catch (error) {
      if (error instanceof JournalError && error.code !== 'SBX_JOURNAL_FRAME_INVALID') throw error;
      return { kind: 'rejected', text: `a batch cannot be kept on disk: ${error instanceof Error ? error.message : String(error)}`, retryable: false };
    }
  }

  /** The oldest batch of a signal; null where there is none. @throws JournalError */
  async oldest(signal: Signal): Promise<KeptBatch | null> {
    for (;;) {
      const frame = await this.#next(signal);
      if (frame === null) {
        // A signal that nothing comes of any more must not hold what the others are done with.
        for (const other of SIGNALS) if (other !== signal) await this.#next(other);
        return null;
      }
      const { items, payload, next } = frame;
      const keptMs = Number(frame.receivedNs / 1_000_000n);
      const commit = (change: { delivered: number } | { dropped: Record<string, number> }): Promise<void> =>
        this.cursors[signal].commit({ position: next, changes: [{ tenant: TENANT, signal, ...change }] });
      if (Date.now() - keptMs <= this.options.maxAgeMs) {
        return {
          batch: { signal, items, id: frame.batchId, bytes: () => Promise.resolve(payload) },
          keptMs,
          settle: (delivered) => commit(delivered ? { delivered: items } : { dropped: { refused: items } }),
        };
      }
      await commit({ dropped: { expired: items } });
      this.options.lost(signal, items, 'expired');
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.cursors).map((cursor) => cursor.close()));
    await this.reader.close();
    await this.journal.close();
  }

  /** The next frame of a signal, with its cursor moved there over what is gone; null where there is none. */
  async #next(signal: Signal): Promise<Frame | null> {
    const cursor = this.cursors[signal];
    for (;;) {
      const { frames: [frame], next, evicted } = await this.reader.read(cursor.position, { maxBytes: 1, maxFrames: 1, wants: (header) => header.signal === signal });
      const position = frame?.position ?? next;
      const gone = evicted.filter((change) => change.signal === signal);
      if (position > cursor.position) await cursor.commit({ position, changes: gone });
      for (const { dropped } of gone) {
        if (dropped?.['evicted'] !== undefined) this.options.lost(signal, dropped['evicted'], 'evicted');
        if (dropped?.['corrupt'] !== undefined) this.options.lost(signal, dropped['corrupt'], 'corrupt');
      }
      if (frame !== undefined) return frame;
      if (next >= this.reader.durable()) return null;
    }
  }
}

function openCursor(dir: string, signal: Signal): Promise<Cursor> {
  return Cursor.open({ dir, reader: signal, signals: [signal], from: 'beginning' });
}
