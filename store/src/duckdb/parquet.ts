import type { DuckDBConnection } from '@duckdb/node-api';
import { stat } from 'node:fs/promises';
import { syncFile } from '../files/sync.js';
import { BLOCK_ROWS } from '../index/block-terms.js';
import { literal } from './sql.js';

/** Writes a query's rows, in its order, to a Parquet file that is durable afterwards. Answers the file's size. */
export async function copyToParquet(connection: DuckDBConnection, query: string, path: string): Promise<number> {
  await connection.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE ${BLOCK_ROWS})`);
  await syncFile(path);
  return (await stat(path)).size;
}
