import type { Database } from '../duckdb/database.js';
import type { FilePaths, Kind } from '../files/stored-file.js';
import type { IndexSpace } from '../index/index-writer.js';

export interface WriteContext {
  readonly database: Database;
  readonly paths: FilePaths;
  readonly signal: AbortSignal;
  /** Memory for the index. Default: its own. */
  readonly space?: IndexSpace;
}

/** What was written: data and index, both synced. */
export interface Written {
  readonly rows: number;
  readonly bytes: number;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly tenants: readonly string[];
}

/** The rows of one kind in a generation. */
export interface HotKind {
  readonly kind: Kind;
  /** Rows handed in. */
  readonly rows: number;
  /** Estimated bytes in memory. */
  readonly bytes: number;
  /** Makes all rows visible to queries. */
  flush(): void;
  /** No more rows. */
  seal(): void;
  /** Writes sealed rows to files. */
  write(context: WriteContext): Promise<Written>;
  /** Frees the memory. */
  drop(): Promise<void>;
}
