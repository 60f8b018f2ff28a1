import { setTimeout as sleep } from 'node:timers/promises';
import { IndexDamaged } from '../index/index-reader.js';
import { BlockDamaged } from '../series/block/block.js';
import type { StoreLogger } from '../logger.js';
import type { StoreSettings } from '../settings.js';
import type { Catalog } from './catalog.js';
import { mergeFiles, type MergeParts } from './merge.js';
import { planMerge } from './merge-plan.js';
import { migrateSamples } from '../series/block/migrate-samples.js';
import { diskOf, planRetention, type Disk } from './retention.js';
import type { StoredFile } from './stored-file.js';

export interface UpkeepOptions {
  readonly parts: MergeParts;
  readonly catalog: Catalog;
  readonly settings: StoreSettings;
  readonly logger: StoreLogger;
  readonly nowMs: () => number;
  /** Of the file system with the store. */
  readonly disk?: () => Promise<Disk>;
}

export interface UpkeepStats {
  readonly merges: number;
  readonly mergedRows: number;
  readonly mergeMs: number;
}

const PROBLEM_PAUSE_MS = 30_000;

/** Merges and retention: one thing at a time, in the background, so that they never take each other's files. */
export class Upkeep {
  private readonly abort = new AbortController();
  private readonly loop: Promise<void>;
  /** Files whose index is damaged; they are left as they are. */
  private readonly unfit = new Set<number>();
  private nextRetentionMs = 0;
  private counts = { merges: 0, mergedRows: 0, mergeMs: 0 };

  constructor(private readonly options: UpkeepOptions) {
    this.loop = this.run();
  }

  get stats(): UpkeepStats {
    return this.counts;
  }

  /** Breaks off what is under way. */
  async stop(): Promise<void> {
    this.abort.abort(new Error('the store is closing'));
    await this.loop;
  }

  /** Deletes what retention does not keep. Answers how many files. */
  async retain(): Promise<number> {
    const { catalog, settings, logger, nowMs, parts } = this.options;
    const disk = await (this.options.disk ?? ((): Promise<Disk> => diskOf(parts.dir)))();
    const gone = planRetention(catalog.manifest.files, settings.retention, nowMs(), disk);
    if (gone.length === 0) return 0;
    await catalog.commitRetention(gone.map(({ file }) => file));
    for (const { file, reason } of gone) logger.info('retention deleted a file', { kind: file.kind, file: file.number, rows: file.rows, bytes: file.bytes, reason });
    if (gone.some(({ reason }) => reason === 'free_space')) logger.warn('the disk is nearly full, so the oldest data was deleted: free space, or lower store.retention.min_free_share', { freeBytes: disk.freeBytes });
    return gone.length;
  }

  /** Merges once, if there is something to merge. */
  async mergeOnce(): Promise<boolean> {
    const { catalog, settings, parts } = this.options;
    const sources = planMerge(catalog.manifest.files.filter((file) => !this.unfit.has(file.number)), settings.merge);
    if (!sources) return false;
    const started = performance.now();
    try {
      await catalog.commitMerge(sources, [await mergeFiles(parts, sources, catalog.takeNumber(), this.abort.signal)]);
    } catch (error) {
      if (!(error instanceof IndexDamaged || error instanceof BlockDamaged)) throw error;
      this.leaveOut(sources, error);
      return true;
    }
    const rows = sources.reduce((sum, file) => sum + file.rows, 0);
    this.counts = { merges: this.counts.merges + 1, mergedRows: this.counts.mergedRows + rows, mergeMs: this.counts.mergeMs + performance.now() - started };
    return true;
  }

  /** Turns one file of samples of version 1 into a block, if there is one. */
  async migrateOnce(): Promise<boolean> {
    const { catalog, parts, logger } = this.options;
    const old = catalog.manifest.files.find((file) => file.kind === 'samples' && file.sequence === undefined && !this.unfit.has(file.number));
    if (old === undefined) return false;
    try {
      await catalog.commitMerge([old], [await migrateSamples(parts, old, catalog.takeNumber(), this.abort.signal)]);
    } catch (error) {
      this.abort.signal.throwIfAborted();
      this.unfit.add(old.number);
      logger.error('a file of samples of an older version cannot be read; it is left as it is, and queries lack what is in it', { file: old.number, problem: error instanceof Error ? error.message : String(error) });
    }
    return true;
  }

  private leaveOut(sources: readonly StoredFile[], error: IndexDamaged | BlockDamaged): void {
    const damaged = sources.find((file) => error.path.includes(String(file.number).padStart(10, '0')));
    for (const file of damaged ? [damaged] : sources) this.unfit.add(file.number);
    this.options.logger.error('a damaged file is left out of merges', { problem: error.message });
  }

  private async run(): Promise<void> {
    const { settings, logger, nowMs } = this.options;
    const { signal } = this.abort;
    const pauseMs = Math.min(settings.retention.intervalMs, settings.merge.intervalMs || Infinity);
    while (!signal.aborted) {
      try {
        if (nowMs() >= this.nextRetentionMs) {
          this.nextRetentionMs = nowMs() + settings.retention.intervalMs;
          await this.retain();
        }
        while (!signal.aborted && (await this.migrateOnce()));
        while (settings.merge.intervalMs > 0 && !signal.aborted && (await this.mergeOnce()));
        await sleep(pauseMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        logger.error('merging or retention failed and is tried again', { error: error instanceof Error ? error.message : String(error) });
        await sleep(PROBLEM_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
