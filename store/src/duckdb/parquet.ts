import type { DuckDBConnection } from '@duckdb/node-api';
import { stat } from 'node:fs/promises';
import { syncFile } from '../files/sync.js';
import { BLOCK_ROWS } from '../index/block-terms.js';
import { literal } from './sql.js';

/** Of zstd: for row groups of spans the first level is a fifth faster than the third, which is the default, and no larger. */
const LEVEL = 1;

/** Writes a query's rows, in its order, to a Parquet file that is durable afterwards. Answers the file's size. */
export async function copyToParquet(connection: DuckDBConnection, query: string, path: string): Promise<number> {
  await connection.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL ${LEVEL}, ROW_GROUP_SIZE ${BLOCK_ROWS})`);
  await syncFile(path);
  return (await stat(path)).size;
}
