import duckdb from '@duckdb/node-bindings';
import { BIGINT, DOUBLE, DuckDBDataChunk, INTEGER, UBIGINT, UINTEGER, UUID, VARCHAR, type DuckDBAppender, type DuckDBType } from '@duckdb/node-api';

/** Column types that the store writes. */
export type ColumnType = 'uuid' | 'u64' | 'i64' | 'u32' | 'i32' | 'f64' | 'text';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** May be NULL; a row's value is NULL until it is set. */
  readonly nullable?: boolean;
}

/** Rows of a DuckDB data chunk: the vector size DuckDB is built with. */
export const CHUNK_ROWS = 2048;

const WIDTH: Record<Exclude<ColumnType, 'text'>, number> = { uuid: 16, u64: 8, i64: 8, u32: 4, i32: 4, f64: 8 };
const SQL_TYPE: Record<ColumnType, string> = { uuid: 'UUID', u64: 'UBIGINT', i64: 'BIGINT', u32: 'UINTEGER', i32: 'INTEGER', f64: 'DOUBLE', text: 'VARCHAR' };
const DUCKDB_TYPE: Record<ColumnType, DuckDBType> = { uuid: UUID, u64: UBIGINT, i64: BIGINT, u32: UINTEGER, i32: INTEGER, f64: DOUBLE, text: VARCHAR };

/** `name TYPE, …` for CREATE TABLE. */
export function columnsDdl(columns: readonly Column[]): string {
  return columns.map((c) => `"${c.name}" ${SQL_TYPE[c.type]}`).join(', ');
}

/**
 * Up to CHUNK_ROWS rows, column by column: numbers go into typed arrays that are copied whole, text goes straight into
 * DuckDB's vectors. A value by value appender costs three times as much.
 */
export class Chunk {
  rows = 0;
  /** Bytes of text in the chunk, for the estimate of memory. */
  textBytes = 0;
  private readonly chunk: DuckDBDataChunk;
  private readonly buffers: (ArrayBuffer | null)[];
  private readonly valid: (Uint8Array | null)[];
  private vectors: duckdb.Vector[] = [];

  constructor(private readonly columns: readonly Column[]) {
    this.chunk = DuckDBDataChunk.create(columns.map((c) => DUCKDB_TYPE[c.type]), CHUNK_ROWS);
    this.buffers = columns.map((c) => (c.type === 'text' ? null : new ArrayBuffer(CHUNK_ROWS * WIDTH[c.type])));
    this.valid = columns.map((c) => (c.nullable ? new Uint8Array(CHUNK_ROWS / 8) : null));
    this.begin();
  }

  get full(): boolean {
    return this.rows === CHUNK_ROWS;
  }

  /** The number column's storage; `u64` and `uuid` are little-endian words (see `setUuid`). */
  buffer(column: number): ArrayBuffer {
    const buffer = this.buffers[column];
    if (!buffer) throw new TypeError(`column ${this.columns[column]?.name ?? column} holds text`);
    return buffer;
  }

  setText(column: number, row: number, utf8: Uint8Array): void {
    duckdb.vector_assign_string_element_len(this.vectors[column], row, utf8);
    this.textBytes += utf8.length;
    this.setValid(column, row);
  }

  /** Marks a nullable column's value as set; does nothing for the others. */
  setValid(column: number, row: number): void {
    const valid = this.valid[column];
    if (valid) valid[row >> 3] |= 1 << (row & 7);
  }

  /** Makes what was set of the row after the last one unset. */
  resetRow(): void {
    const mask = ~(1 << (this.rows & 7));
    for (const valid of this.valid) if (valid) valid[this.rows >> 3] &= mask;
  }

  /** Hands the rows to the appender and starts anew. */
  appendTo(appender: DuckDBAppender): void {
    if (this.rows === 0) return;
    duckdb.data_chunk_set_size(this.chunk.chunk, this.rows);
    for (let c = 0; c < this.columns.length; c++) {
      const vector = this.vectors[c];
      const { type } = this.columns[c];
      if (type !== 'text') duckdb.copy_data_to_vector(vector, 0, this.buffer(c), 0, this.rows * WIDTH[type]);
      const valid = this.valid[c];
      if (valid) {
        duckdb.vector_ensure_validity_writable(vector);
        duckdb.copy_data_to_vector_validity(vector, 0, valid.buffer as ArrayBuffer, 0, valid.byteLength);
        valid.fill(0);
      }
    }
    appender.appendDataChunk(this.chunk);
    this.begin();
  }

  private begin(): void {
    this.rows = 0;
    this.textBytes = 0;
    duckdb.data_chunk_reset(this.chunk.chunk);
    this.vectors = this.columns.map((_, c) => duckdb.data_chunk_get_vector(this.chunk.chunk, c));
  }
}
