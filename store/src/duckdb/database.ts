import { DuckDBInstance, type DuckDBAppender, type DuckDBConnection, type DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api';
import { LimitExceeded } from '@signalbox/query/readers';
import type { DuckdbSettings } from '../settings.js';
import { Queue } from './queue.js';
import { literal } from './sql.js';
import { Turn } from './turn.js';

/** Bound values of a statement, `$1` first. */
export type Parameters = readonly (string | number | bigint | boolean | null)[];

/** Makes something of a row; null leaves it out, STOP ends the query. */
export type RowMapper<T> = (row: Row) => T | null | typeof STOP;

const ROWS_PER_LOOK = 32;

/**
 * DuckDB in memory: it holds the hot tables and reads and writes Parquet files below the store's directory, and can do
 * nothing else: no extensions from elsewhere, no other files, no change of its configuration.
 */
export class Database {
  private readonly idle: DuckDBConnection[] = [];
  private readonly queue: Queue;
  private readonly work: Promise<unknown>[] = [];
  private definitions: Promise<void> = Promise.resolve();
  private closed = false;

  private constructor(
    private readonly instance: DuckDBInstance,
    /** Appenders only: they block, so no statement may run on their connection meanwhile. */
    private readonly appending: DuckDBConnection,
    /** Statements that make and drop hot tables, one after the other. */
    private readonly defining: DuckDBConnection,
    private readonly settings: DuckdbSettings,
  ) {
    this.queue = new Queue(settings.maxQueries, settings.maxWaiting, 'store.max_queries');
  }

  static async open(dir: string, tempDir: string, settings: DuckdbSettings): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(settings.threads),
      memory_limit: `${Math.floor(settings.memoryLimitBytes / 1024)}KiB`,
      temp_directory: tempDir,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'true',
      // The system's page cache holds the files already.
      enable_external_file_cache: 'false',
      // Memory that a flush or a query let go of is given back soon: a fifth of the process for two per cent of its CPU time. With 4 and
      // 8 MiB it is some 15 MB less for another four per cent, since what the next flush takes has to be made pages of zeros again.
      allocator_background_threads: 'true',
      allocator_flush_threshold: '16MiB',
      allocator_bulk_deallocation_flush_threshold: '64MiB',
      // The rows of a file are found again by their number: no join may turn its sides and with them the order.
      disabled_optimizers: 'join_order,build_side_probe_side',
    });
    const defining = await instance.connect();
    await defining.run(`SET allowed_directories = [${literal(`${dir}/`)}]`);
    await defining.run('SET enable_external_access = false');
    await defining.run('SET lock_configuration = true');
    return new Database(instance, await instance.connect(), defining, settings);
  }

  async appender(table: string): Promise<DuckDBAppender> {
    return this.appending.createAppender(table);
  }

  /** Makes or drops a table. */
  define(sql: string): Promise<void> {
    const done = this.definitions.then(async () => {
      await this.defining.run(sql);
    });
    this.definitions = done.catch(() => undefined);
    return done;
  }

  /** A connection for background work (COPY, merge), outside of the queries' line. Aborting interrupts it. */
  async background<T>(signal: AbortSignal, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.withConnection(signal, work);
  }

  /**
   * Runs a query and maps its rows, streaming and in small slices. `map` answers null to leave a row out, and may stop the
   * query by answering STOP.
   * @throws the signal's reason once it is aborted; LimitExceeded when too many queries wait
   */
  async query<T>(signal: AbortSignal, sql: string, parameters: Parameters, map: RowMapper<T>): Promise<T[]> {
    return this.queue.run(signal, () => this.withConnection(signal, (connection) => this.collect(connection, signal, sql, parameters, map)));
  }

  /** Runs a query and hands out its chunks as they come; `take` works on them at once and answers false to end. */
  async chunks(signal: AbortSignal, sql: string, parameters: Parameters, take: (chunk: DuckDBDataChunk) => boolean): Promise<void> {
    await this.queue.run(signal, () => this.withConnection(signal, async (connection) => {
      const result = await connection.stream(sql, [...parameters] as DuckDBValue[]);
      const turn = new Turn();
      for (;;) {
        signal.throwIfAborted();
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        if (!take(chunk)) return connection.interrupt();
        if (turn.due) await turn.give();
      }
    }));
  }

  /** Interrupts nothing: callers have ended their queries. Waits for what still runs. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.work);
    await this.definitions;
    for (const connection of this.idle.splice(0)) connection.disconnectSync();
    this.appending.disconnectSync();
    this.defining.disconnectSync();
    this.instance.closeSync();
  }

  private async collect<T>(connection: DuckDBConnection, signal: AbortSignal, sql: string, parameters: Parameters, map: RowMapper<T>): Promise<T[]> {
    const result = await connection.stream(sql, [...parameters] as DuckDBValue[]);
    const out: T[] = [];
    const turn = new Turn();
    for (;;) {
      signal.throwIfAborted();
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return out;
      const row = new Row(chunk);
      for (row.at = 0; row.at < chunk.rowCount; row.at++) {
        const mapped = map(row);
        if (mapped === STOP) {
          connection.interrupt();
          return out;
        }
        if (mapped !== null) out.push(mapped);
        if (row.at % ROWS_PER_LOOK === ROWS_PER_LOOK - 1 && turn.due) {
          await turn.give();
          signal.throwIfAborted();
        }
      }
    }
  }

  private async withConnection<T>(signal: AbortSignal, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.closed) throw new Error('the database is closed');
    const connection = this.idle.pop() ?? (await this.instance.connect());
    const interrupt = (): void => connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    const running = work(connection);
    this.work.push(running);
    try {
      return await running;
    } catch (error) {
      signal.throwIfAborted();
      throw isOutOfMemory(error) ? new LimitExceeded('memory', this.settings.memoryLimitBytes, 'store.memory_limit') : error;
    } finally {
      signal.removeEventListener('abort', interrupt);
      this.work.splice(this.work.indexOf(running), 1);
      if (this.closed) connection.disconnectSync();
      else this.idle.push(connection);
    }
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Out of Memory Error');
}

/** Answer of a row mapper that has seen enough. */
export const STOP: unique symbol = Symbol('stop');

/** The current row of a result. Column numbers are those of the SELECT list. */
export class Row {
  at = 0;
  private readonly vectors: { getItem(index: number): DuckDBValue | null }[];

  constructor(chunk: DuckDBDataChunk) {
    this.vectors = Array.from({ length: chunk.columnCount }, (_, c) => chunk.getColumnVector(c));
  }

  value(column: number): DuckDBValue | null {
    return this.vectors[column].getItem(this.at);
  }

  text(column: number): string {
    return (this.value(column) as string | null) ?? '';
  }

  textOrNull(column: number): string | null {
    return this.value(column) as string | null;
  }

  /** Of a column with at most 32 bits or a DOUBLE; 0 for NULL. */
  number(column: number): number {
    return (this.value(column) as number | null) ?? 0;
  }

  /** Of a BIGINT, UBIGINT or HUGEINT; 0n for NULL. */
  bigint(column: number): bigint {
    return (this.value(column) as bigint | null) ?? 0n;
  }
}
