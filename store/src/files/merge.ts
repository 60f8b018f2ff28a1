import { dirname } from 'node:path';
import type { Database } from '../duckdb/database.js';
import { copyToParquet } from '../duckdb/parquet.js';
import { fileList } from '../duckdb/sql.js';
import { Names } from '../hot/names.js';
import { BLOCK_ROWS } from '../index/block-terms.js';
import type { IndexCache } from '../index/index-cache.js';
import { IndexSpace, writeIndex } from '../index/index-writer.js';
import { MappedTerms } from '../index/mapped-terms.js';
import { MergedBlocks } from '../index/merged-blocks.js';
import { MergedTerms, type TermSource } from '../index/term-merge.js';
import { mergeBlocks } from '../series/block/merge-blocks.js';
import { canJoin, joinParquet, readParquetSource, type ParquetSource } from './parquet-join.js';
import { MAX_TENANTS_LISTED, pathsOf, type FilePaths, type StoredFile } from './stored-file.js';
import { syncDirectory } from './sync.js';

export interface MergeParts {
  readonly dir: string;
  readonly database: Database;
  readonly indexes: IndexCache;
  readonly namesPerFile: number;
  readonly exemplarsPerTenant: number;
  /** Memory for the index. Default: its own. */
  readonly space?: IndexSpace;
}

/** Writes one file that holds all rows of the sources, which are of one kind; nothing is deleted. @throws IndexDamaged, BlockDamaged */
export async function mergeFiles(parts: MergeParts, sources: readonly StoredFile[], number: number, signal: AbortSignal): Promise<StoredFile> {
  const { kind } = sources[0];
  const paths = pathsOf(parts.dir, { kind, number });
  const ofAll = sources.reduce((sum, file) => sum + file.rows, 0);
  const { rows, bytes } = kind === 'samples'
    ? await mergeBlocks(sources.map((file) => pathsOf(parts.dir, file).data), paths.data, parts.exemplarsPerTenant, signal)
    : { rows: ofAll, bytes: await mergeIndexed(parts, sources, paths, signal) };
  await syncDirectory(dirname(paths.data));
  const tenants = sources.some((file) => file.tenants === null) ? null : [...new Set(sources.flatMap((file) => file.tenants ?? []))];
  return {
    kind, number, bytes, rows,
    minNs: least(sources.map((file) => file.minNs)),
    maxNs: most(sources.map((file) => file.maxNs)),
    receivedFromNs: least(sources.map((file) => file.receivedFromNs)),
    receivedToNs: most(sources.map((file) => file.receivedToNs)),
    tenants: tenants && tenants.length <= MAX_TENANTS_LISTED ? tenants : null,
    merges: Math.max(...sources.map((file) => file.merges)) + 1,
    ...(kind === 'samples' ? { sequence: sources[0].sequence } : {}),
  };
}

/** Rows one file behind the other, so that the indexes can be put together without a look at the rows. */
async function mergeIndexed(parts: MergeParts, sources: readonly StoredFile[], paths: FilePaths, signal: AbortSignal): Promise<number> {
  const joining = await joinable(sources.map((file) => pathsOf(parts.dir, file).data));
  const names = new Names(parts.namesPerFile);
  const blocks = new MergedBlocks();
  const terms: TermSource[] = [];
  for (const file of sources) {
    names.add(await parts.indexes.names(file));
    await parts.indexes.use(file, async (index) => {
      terms.push(new MappedTerms(await index.records(), joining === null ? blocks.spread(index) : blocks.append(index)));
    });
  }
  const dataBytes = joining === null
    ? await parts.database.background(signal, (connection) => copyToParquet(connection, `SELECT * FROM read_parquet(${fileList(sources.map((file) => pathsOf(parts.dir, file).data))})`, paths.data))
    : await joinParquet(joining, paths.data, signal);
  return dataBytes + (await writeIndex(paths.index, { blockRows: BLOCK_ROWS, blocks: blocks.blocks, terms: new MergedTerms(terms), names: names.toJson() }, parts.space ?? new IndexSpace(), signal));
}

/** What is needed to put the files together as they are; null where their rows have to be written anew. */
async function joinable(paths: readonly string[]): Promise<readonly ParquetSource[] | null> {
  const sources: ParquetSource[] = [];
  for (const path of paths) {
    const source = await readParquetSource(path);
    if (source === null) return null;
    sources.push(source);
  }
  return canJoin(sources, BLOCK_ROWS) ? sources : null;
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b < a ? b : a));
}

function most(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b > a ? b : a));
}
