import { dirname } from 'node:path';
import type { Database } from '../duckdb/database.js';
import { copyToParquet } from '../duckdb/parquet.js';
import { fileList } from '../duckdb/sql.js';
import { Names } from '../hot/names.js';
import { BLOCK_ROWS } from '../index/block-terms.js';
import type { IndexCache } from '../index/index-cache.js';
import { IndexSpace, writeIndex } from '../index/index-writer.js';
import { MappedTerms, targetBlocks } from '../index/mapped-terms.js';
import { MergedTerms, type TermSource } from '../index/term-merge.js';
import { mergeBlocks } from '../series/block/merge-blocks.js';
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
  const names = new Names(parts.namesPerFile);
  const rows = sources.reduce((sum, file) => sum + file.rows, 0);
  const blocks = Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, () => ({ minNs: (1n << 64n) - 1n, maxNs: 0n }));
  const terms: TermSource[] = [];
  let rowsBefore = 0;
  for (const file of sources) {
    names.add(await parts.indexes.names(file));
    await parts.indexes.use(file, async (index) => {
      for (let block = 0; block < index.header.blocks; block++) {
        for (const target of new Set(targetBlocks(block, rowsBefore, file.rows))) {
          blocks[target].minNs = least([blocks[target].minNs, index.times[block * 2]]);
          blocks[target].maxNs = most([blocks[target].maxNs, index.times[block * 2 + 1]]);
        }
      }
      terms.push(new MappedTerms(await index.records(), rowsBefore, file.rows));
    });
    rowsBefore += file.rows;
  }
  const data = fileList(sources.map((file) => pathsOf(parts.dir, file).data));
  const dataBytes = await parts.database.background(signal, (connection) => copyToParquet(connection, `SELECT * FROM read_parquet(${data})`, paths.data));
  return dataBytes + (await writeIndex(paths.index, { blockRows: BLOCK_ROWS, rows, blocks, terms: new MergedTerms(terms), names: names.toJson() }, parts.space ?? new IndexSpace(), signal));
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b < a ? b : a));
}

function most(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b > a ? b : a));
}
