import type { LedgerChange } from '@signalbox/journal/ledger-change';
import type { Database } from '../duckdb/database.js';
import { MAX_TENANTS_LISTED, pathsOf, type StoredFile } from '../files/stored-file.js';
import { syncDirectory } from '../files/sync.js';
import type { IndexSpace } from '../index/index-writer.js';
import { TermSpace } from '../index/term-space.js';
import type { LimitSettings } from '../settings.js';
import type { HotKind } from './hot-kind.js';
import { HotLogs } from './hot-logs.js';
import { HeadSamples } from '../series/head/head-samples.js';
import type { SeriesHead } from '../series/head/series-head.js';
import { HotSpans } from './hot-spans.js';
import { LedgerTally } from './ledger-tally.js';
import { dirname } from 'node:path';

/**
 * Everything received since the last flush began, of all kinds: one cut of the journal. Filled by one writer, read by
 * queries, then sealed, written to files and dropped.
 */
export class Generation {
  readonly ledger = new LedgerTally();
  /** Everything before this position of the journal is in this generation or an earlier one, or in files. */
  position = 0;
  private receivedFromNs: bigint | null = null;
  private receivedToNs = 0n;

  private constructor(readonly id: number, readonly spans: HotSpans, readonly logs: HotLogs, readonly samples: HeadSamples) {}

  static async create(database: Database, id: number, limits: LimitSettings, head: SeriesHead, space = new TermSpace()): Promise<Generation> {
    return new Generation(
      id,
      await HotSpans.create(database, id, limits.namesPerFile, space),
      await HotLogs.create(database, id, limits.namesPerFile, space),
      new HeadSamples(head, limits.exemplarsPerTenant, limits.familiesPerTenant),
    );
  }

  get kinds(): readonly HotKind[] {
    return [this.spans, this.logs, this.samples];
  }

  /** Spans and log records. */
  get rows(): number {
    return this.spans.rows + this.logs.rows;
  }

  /** Of spans and log records. */
  get bytes(): number {
    return this.spans.bytes + this.logs.bytes;
  }

  /** When the rows handed in next were received. */
  received(ns: bigint): void {
    if (this.receivedFromNs === null || ns < this.receivedFromNs) this.receivedFromNs = ns;
    if (ns > this.receivedToNs) this.receivedToNs = ns;
  }

  flush(): void {
    for (const kind of this.kinds) kind.flush();
  }

  seal(): void {
    for (const kind of this.kinds) kind.seal();
  }

  /** Writes a file for each kind that has rows; all of them are durable afterwards. */
  async write(database: Database, dir: string, takeNumber: () => number, signal: AbortSignal, space?: IndexSpace): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for (const kind of this.kinds) {
      if (kind.rows === 0) continue;
      const name = { kind: kind.kind, number: takeNumber() };
      const paths = pathsOf(dir, name);
      const written = await kind.write({ database, paths, signal, ...(space === undefined ? {} : { space }) });
      await syncDirectory(dirname(paths.data));
      files.push({
        ...name,
        ...written,
        tenants: written.tenants.length > MAX_TENANTS_LISTED ? null : written.tenants,
        receivedFromNs: this.receivedFromNs ?? 0n,
        receivedToNs: this.receivedToNs,
        merges: 0,
        ...(kind.kind === 'samples' ? { sequence: name.number } : {}),
      });
    }
    return files;
  }

  async drop(): Promise<void> {
    for (const kind of this.kinds) await kind.drop();
  }

  changes(): readonly LedgerChange[] {
    return this.ledger.changes();
  }
}
