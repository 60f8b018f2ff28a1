import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerChange } from '@signalbox/journal/ledger-change';
import type { Database } from '../duckdb/database.js';
import type { Catalog } from '../files/catalog.js';
import type { Kind, StoredFile } from '../files/stored-file.js';
import type { Generation } from '../hot/generation.js';
import { LedgerTally } from '../hot/ledger-tally.js';
import { IndexSpace } from '../index/index-writer.js';

/** What was written since the store was opened. */
export interface FlushStats {
  readonly flushes: number;
  readonly ms: number;
  readonly rows: Readonly<Record<Kind, number>>;
}

export interface FlusherOptions {
  readonly dir: string;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly journalId: string;
  /** Told once a flush is in the manifest; commits the journal's cursor. False where the cursor is ahead: asked again with the next flush. */
  readonly committed: (position: number, changes: readonly LedgerChange[]) => Promise<boolean>;
  readonly onProblem: (error: unknown, retryInMs: number) => void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/**
 * Writes sealed generations: files, then the manifest, then the journal's cursor. Each step is durable before the next
 * one begins, and after a failure the work goes on where it stopped.
 */
export class Flusher {
  /** In the manifest's `pending` and not yet in the cursor. */
  private uncommitted = new LedgerTally();
  private readonly space = new IndexSpace();
  private counts: FlushStats = { flushes: 0, ms: 0, rows: { spans: 0, logs: 0, samples: 0 } };

  constructor(private readonly options: FlusherOptions) {}

  get stats(): FlushStats {
    return this.counts;
  }

  /** Settles when everything is written, however long that takes. @throws only the signal's reason */
  async flush(sealed: Generation, signal: AbortSignal): Promise<void> {
    const steps = this.steps(sealed, signal);
    let step = steps.shift();
    let retryMs = FIRST_RETRY_MS;
    while (step) {
      try {
        await step();
        step = steps.shift();
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        signal.throwIfAborted();
        this.options.onProblem(error, retryMs);
        await sleep(retryMs, undefined, { signal });
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  private steps(sealed: Generation, signal: AbortSignal): (() => Promise<void>)[] {
    const { dir, database, catalog, journalId, committed } = this.options;
    let files: readonly StoredFile[] = [];
    const started = performance.now();
    return [
      async () => {
        files = await sealed.write(database, dir, () => catalog.takeNumber(), signal, this.space);
      },
      async () => {
        const pending = new LedgerTally();
        pending.add(this.uncommitted.changes());
        pending.add(sealed.changes());
        await catalog.commitFlush(sealed, files, sealed.position, journalId, pending.changes());
        this.uncommitted = pending;
        this.counted(files, performance.now() - started);
      },
      async () => {
        if (await committed(sealed.position, this.uncommitted.changes())) this.uncommitted = new LedgerTally();
      },
    ];
  }

  private counted(files: readonly StoredFile[], ms: number): void {
    const rows = { ...this.counts.rows };
    for (const file of files) rows[file.kind] += file.rows;
    this.counts = { flushes: this.counts.flushes + 1, ms: this.counts.ms + ms, rows };
  }
}
