import { literal } from '../duckdb/sql.js';
import type { Database } from '../duckdb/database.js';
import type { Catalog, View } from '../files/catalog.js';
import type { StoredFile } from '../files/stored-file.js';
import type { IndexCache } from '../index/index-cache.js';
import { IndexDamaged, type IndexReader } from '../index/index-reader.js';
import type { RowRange } from '../index/row-range.js';
import type { StoreLogger } from '../logger.js';
import type { StoreSettings } from '../settings.js';

/** What all readers read through. */
export interface ReadParts {
  readonly dir: string;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly indexes: IndexCache;
  readonly settings: StoreSettings;
  readonly logger: StoreLogger;
}

/** Gives work a view that stays as it is until the work is done. */
export async function withView<T>(parts: ReadParts, work: (view: View) => Promise<T>): Promise<T> {
  const lease = parts.catalog.acquire();
  try {
    return await work(lease.view);
  } finally {
    lease.release();
  }
}

/** Asks a file's index; where the index is damaged the answer is null and the file is to be read without it. */
export async function askIndex<T>(parts: ReadParts, file: StoredFile, ask: (reader: IndexReader) => Promise<T>): Promise<T | null> {
  try {
    return await parts.indexes.use(file, ask);
  } catch (error) {
    if (!(error instanceof IndexDamaged)) throw error;
    parts.logger.warn('an index cannot be used; its file is read as a whole', { file: error.path, problem: error.message });
    return null;
  }
}

/** A file, or some of its blocks, as FROM. */
export function parquet(path: string): string {
  return `read_parquet(${literal(path)})`;
}

/** Condition on a row number column for rows of some blocks, of which none overlap; adjacent ones become one range. */
export function inRows(column: string, blocks: readonly RowRange[]): string {
  const sorted = [...blocks].sort((a, b) => a.from - b.from);
  const ranges: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (end + 1 < sorted.length && sorted[end + 1].from === sorted[end].to) end++;
    ranges.push(`(${column} >= ${sorted[i].from} AND ${column} < ${sorted[end].to})`);
    i = end + 1;
  }
  return ranges.length === 1 ? ranges[0] : `(${ranges.join(' OR ')})`;
}

/** Rows of the blocks that may hold one of the terms. @throws IndexDamaged */
export function rowsWith(index: IndexReader, terms: readonly number[]): readonly RowRange[] {
  const blocks = new Set<number>();
  for (const term of terms) for (const block of index.blocksOf(term)) blocks.add(block);
  return [...blocks].map((block) => index.rowsOf(block));
}

/** Condition on a span's start. Times before 1970 and after 2554 are no UBIGINT. */
export function timeRange({ startNs, endNs }: { readonly startNs: bigint; readonly endNs: bigint }): string {
  const parts = ['true'];
  if (startNs > 0n) parts.push(`start_ns >= ${startNs}`);
  if (endNs < 1n << 64n) parts.push(`start_ns < ${endNs < 0n ? 0n : endNs}`);
  return parts.join(' AND ');
}
