import { Cursor } from '@signalbox/journal/cursor';
import { JournalReader } from '@signalbox/journal/reader';
import { takes } from '@signalbox/journal/selection';
import type { Readers } from '@signalbox/query/readers';
import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import { Database } from './duckdb/database.js';
import { StoreError } from './errors.js';
import { Catalog } from './files/catalog.js';
import { claimDirectory, removeOrphans, temporaryDirectory } from './files/directory.js';
import { readManifest, type Manifest, type RetainedOut } from './files/manifest.js';
import { KINDS, type Kind } from './files/stored-file.js';
import { Upkeep, type UpkeepStats } from './files/upkeep.js';
import { IndexCache } from './index/index-cache.js';
import { IndexSpace } from './index/index-writer.js';
import { Flusher, type FlushStats } from './ingest/flush.js';
import { HotWriter, type PrepareFrame } from './ingest/hot-writer.js';
import { Tail, type TailSource } from './ingest/tail.js';
import type { StoreLogger, StoreMetrics } from './logger.js';
import { StoreLogReader } from './read/logs.js';
import type { ReadParts } from './read/parts.js';
import { BlockCache } from './series/block/block-cache.js';
import { StoreSeriesReader } from './series/read/series-reader.js';
import { StoreSpanReader } from './read/spans.js';
import { storeSettings, type StoreSettings, type StoreSettingsInput } from './settings.js';

/** Name of the store as a reader of the journal. */
export const READER = 'store';

export interface StoreOptions {
  readonly dir: string;
  readonly journalDir: string;
  readonly settings?: StoreSettingsInput;
  /** Ids of the receivers and connectors whose items it keeps, by signal; what has no origin is always kept. Default: all. */
  readonly origins?: Readonly<Record<Signal, readonly string[]>>;
  /** Changes frames before they are taken: the processors of the pipelines that end here. */
  readonly prepare?: PrepareFrame;
  /** Stands between the journal and the store: what it does not answer yet, the store has not yet. */
  readonly source?: (journal: JournalReader) => TailSource;
  readonly logger: StoreLogger;
  readonly metrics?: StoreMetrics;
}

export interface StoreStats {
  /** Position in the journal before which queries see everything, and how much is behind it. */
  readonly reached: number;
  readonly behindBytes: number;
  /** Everything before this position is in files. */
  readonly flushedPosition: number;
  /** Rows that are not being written yet, estimated bytes, generations in memory. */
  readonly hot: { readonly rows: number; readonly bytes: number; readonly generations: number };
  /** Live series of all tenants. */
  readonly series: number;
  readonly files: Readonly<Record<Kind, { readonly files: number; readonly rows: number; readonly bytes: number }>>;
  /** What went by retention since the store was made. */
  readonly retainedOut: RetainedOut;
  readonly flushes: FlushStats;
  readonly upkeep: UpkeepStats;
}

/** How long close() goes on writing what is in memory; the rest is read from the journal again. */
const CLOSE_MS = 10_000;
const HEARTBEAT_MS = 1000;

/** What is to be closed, last opened first. */
type Closer = () => Promise<void> | void;

/** The embedded store: it follows the journal, keeps what it reads in Parquet files and answers queries over all of it. */
export class Store {
  readonly readers: Readers;
  private closing: Promise<void> | null = null;

  private constructor(
    private readonly settings: StoreSettings,
    private readonly catalog: Catalog,
    private readonly source: JournalReader,
    private readonly tail: Tail,
    private readonly writer: HotWriter,
    private readonly flusher: Flusher,
    private readonly upkeep: Upkeep,
    parts: ReadParts & { readonly blocks: BlockCache },
    private readonly closers: Closer[],
  ) {
    this.readers = { spans: new StoreSpanReader(parts), logs: new StoreLogReader(parts), series: new StoreSeriesReader(parts) };
  }

  /**
   * Opens the directory, makes it where it does not exist, and starts to read the journal. Files are not read here, so it
   * takes the same time however much is stored.
   * @throws StoreError SBX_STORE_IN_USE, SBX_STORE_NOT_WRITABLE, SBX_STORE_NEWER, SBX_STORE_DAMAGED, SBX_STORE_SETTING
   * @throws JournalError where the journal cannot be read
   */
  static async open(options: StoreOptions): Promise<Store> {
    const closers: Closer[] = [];
    try {
      return await Store.openWith(options, closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  private static async openWith({ dir, journalDir, settings: input, origins, prepare, source: between, logger, metrics }: StoreOptions, closers: Closer[]): Promise<Store> {
    const settings = storeSettings(input);
    const lock = await claimDirectory(dir);
    closers.push(() => lock.release());
    const heartbeat = setInterval(() => lock.beat(), HEARTBEAT_MS);
    heartbeat.unref();
    closers.push(() => clearInterval(heartbeat));

    const manifest = await readManifest(dir);
    const orphans = await removeOrphans(dir, manifest);
    if (orphans > 0) logger.info('removed files that were left by a crash', { files: orphans });

    const database = await Database.open(dir, temporaryDirectory(dir), settings.duckdb);
    closers.push(() => database.close());
    const indexes = new IndexCache(dir);
    closers.push(() => indexes.close());
    const blocks = new BlockCache(dir, settings.limits.seriesIndexBytes);
    closers.push(() => blocks.close());
    const catalog = new Catalog(dir, manifest, {
      deleting: (file) => (file.kind === 'samples' ? blocks : indexes).forget(file.number),
      failed: (what, error) => logger.warn('could not delete what is not needed any more', { what, error: String(error) }),
    });
    closers.push(() => catalog.settle());

    const source = await JournalReader.open(journalDir);
    closers.push(() => source.close());
    const cursor = await Cursor.open({ dir: journalDir, reader: READER, signals: SIGNALS, from: 'beginning', trail: source.trail, ...(origins === undefined ? {} : { origins }) });
    closers.push(() => cursor.close());
    const from = await settleCursor(manifest, source.id, cursor, logger);

    const flusher = new Flusher({
      dir, database, catalog, journalId: source.id,
      committed: async (position, changes) => {
        if (position < cursor.position) return false;
        await cursor.commit({ position, changes });
        return true;
      },
      onProblem: (error, retryInMs) => logger.error('the store cannot write its files and tries again; queries go on', { error: String(error), retryInMs }),
    });
    const writer = await HotWriter.open({ database, catalog, flusher, settings, ledgerPosition: cursor.position, nowMs: () => Date.now(), ...(prepare === undefined ? {} : { prepare }) });
    closers.push(() => writer.close(CLOSE_MS));
    const upkeep = new Upkeep({ parts: { dir, database, indexes, namesPerFile: settings.limits.namesPerFile, exemplarsPerTenant: settings.limits.exemplarsPerTenant, space: new IndexSpace() }, catalog, settings, logger, nowMs: () => Date.now() });
    closers.push(() => upkeep.stop());
    const tail = new Tail({ source: between?.(source) ?? source, writer, from, wants: ({ signal, origin }) => takes({ signals: SIGNALS, origins: origins ?? null }, signal, origin), readBytes: settings.readBytes, logger, metrics: metrics ?? null });
    closers.push(() => tail.stop());
    return new Store(settings, catalog, source, tail, writer, flusher, upkeep, { dir, database, catalog, indexes, blocks, settings, logger }, closers);
  }

  /** Position in the journal before which queries see everything. */
  get reached(): number {
    return this.tail.reached;
  }

  /** Waits until queries see everything before `position`, for `catchUpMs` at most. @throws the signal's reason */
  async catchUp(position: number, signal: AbortSignal): Promise<{ reached: boolean; behindBytes: number }> {
    this.assertOpen();
    const reached = await this.tail.reach(position, signal, this.settings.catchUpMs);
    return { reached, behindBytes: Math.max(0, position - this.tail.reached) };
  }

  stats(): StoreStats {
    const { manifest, view } = this.catalog;
    const files = Object.fromEntries(KINDS.map((kind) => {
      const ofKind = manifest.files.filter((file) => file.kind === kind);
      return [kind, { files: ofKind.length, rows: ofKind.reduce((sum, file) => sum + file.rows, 0), bytes: ofKind.reduce((sum, file) => sum + file.bytes, 0) }];
    })) as StoreStats['files'];
    return {
      reached: this.reached, behindBytes: Math.max(0, this.source.durable() - this.reached), flushedPosition: manifest.position,
      hot: { rows: this.writer.rows, bytes: this.writer.bytes, generations: view.generations.length }, series: this.writer.series, files, retainedOut: manifest.retainedOut, flushes: this.flusher.stats, upkeep: this.upkeep.stats,
    };
  }

  /** Writes what is in memory to files, as far as time allows, and ends. */
  close(): Promise<void> {
    this.closing ??= closeAll(this.closers);
    return this.closing;
  }

  private assertOpen(): void {
    if (this.closing) throw new StoreError('SBX_STORE_CLOSED', 'the store is closed');
  }
}

async function closeAll(closers: Closer[]): Promise<void> {
  let failure: { readonly error: unknown } | null = null;
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure) throw failure.error;
}

/** Brings cursor and manifest together after whatever happened; answers where to read on. */
async function settleCursor(manifest: Manifest, journalId: string, cursor: Cursor, logger: StoreLogger): Promise<number> {
  const known = manifest.journalId === journalId;
  if (!known && manifest.journalId !== '') logger.warn('the journal is another one than before; what is stored stays, the new journal is read from its beginning', { before: manifest.journalId, now: journalId });
  const position = known ? manifest.position : 0;
  // A crash came between manifest and cursor: the manifest is the truth.
  if (position > cursor.position) await cursor.commit({ position, changes: manifest.pending });
  if (position < cursor.position) logger.warn('the store holds less than the ledger says; what the journal still has is read again', { from: position, to: cursor.position });
  return position;
}
