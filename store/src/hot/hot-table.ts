import type { DuckDBAppender } from '@duckdb/node-api';
import { Chunk, CHUNK_ROWS, columnsDdl, type Column } from '../duckdb/chunk.js';
import type { Database } from '../duckdb/database.js';

/** A table in memory that rows are added to; they are seen by queries after `flush`. */
export class HotTable {
  readonly chunk: Chunk;
  /** Rows that queries see. */
  rows = 0;
  /** Estimated bytes of all rows. */
  bytes = 0;
  private taken = 0;
  private sealed = false;

  private constructor(
    private readonly database: Database,
    readonly name: string,
    columns: readonly Column[],
    private readonly appender: DuckDBAppender,
    private readonly rowBytes: number,
  ) {
    this.chunk = new Chunk(columns);
  }

  static async create(database: Database, name: string, columns: readonly Column[]): Promise<HotTable> {
    await database.define(`CREATE TABLE ${name} (${columnsDdl(columns)})`);
    const rowBytes = columns.reduce((sum, column) => sum + (column.type === 'text' || column.type === 'uuid' ? 16 : 8), 0);
    return new HotTable(database, name, columns, await database.appender(name), rowBytes);
  }

  /** Rows handed in, those that queries do not see yet included. */
  get total(): number {
    return this.taken + this.chunk.rows;
  }

  /** Ends the row that was set in `chunk`. */
  endRow(): void {
    if (++this.chunk.rows === CHUNK_ROWS) this.drain();
  }

  /** Forgets what was set of a row that is not ended. */
  resetRow(): void {
    this.chunk.resetRow();
  }

  /** Makes all rows visible. Blocks for some milliseconds per ten thousand rows. */
  flush(): void {
    this.drain();
    if (this.rows === this.taken) return;
    this.appender.flushSync();
    this.rows = this.taken;
  }

  /** No more rows. */
  seal(): void {
    this.flush();
    this.close();
  }

  /** Rows that were not flushed are lost. */
  async drop(): Promise<void> {
    if (!this.sealed) {
      this.appender.clear();
      this.close();
    }
    await this.database.define(`DROP TABLE IF EXISTS ${this.name}`);
  }

  private close(): void {
    this.sealed = true;
    this.appender.closeSync();
  }

  private drain(): void {
    const { chunk } = this;
    if (chunk.rows === 0) return;
    this.taken += chunk.rows;
    this.bytes += chunk.textBytes + chunk.rows * this.rowBytes;
    chunk.appendTo(this.appender);
  }
}
