import { CompactReader, fieldHead, integer, listHead, TYPE, type Field } from './compact-protocol.js';

/** What becomes of the values of a struct's fields when row groups move within a file; the others stay as they are. */
interface Moving {
  /** Fields that are offsets in the file; 0 says that there is nothing. */
  readonly offsets: readonly number[];
  /** The field that is the row group's number. */
  readonly ordinal?: number;
  /** Fields that are structs, or lists of structs, with something to change. */
  readonly inside?: Readonly<Record<number, Moving>>;
}

// Numbers of fields: apache/parquet-format, src/main/thrift/parquet.thrift.
const FILE_ROWS = 3;
const FILE_ROW_GROUPS = 4;
const GROUP_ROWS = 3;
/** Data page, index page, dictionary page, bloom filter. */
const COLUMN_META: Moving = { offsets: [9, 10, 11, 14] };
/** Metadata, offset index, column index. */
const COLUMN_CHUNK: Moving = { offsets: [2, 4, 6], inside: { 3: COLUMN_META } };
const ROW_GROUP: Moving = { offsets: [5], ordinal: 7, inside: { 1: COLUMN_CHUNK } };

/** A Parquet file's FileMetaData. */
export interface ParquetFooter {
  /** Rows of each row group. */
  readonly groupRows: readonly number[];
  /** The row groups, one behind the other. */
  readonly groups: Uint8Array;
  /** All other fields, but the number of rows: schema, who wrote it… */
  readonly others: readonly (Field & { readonly value: Uint8Array })[];
}

/** @throws CompactError */
export function decodeFooter(bytes: Uint8Array): ParquetFooter {
  const reader = new CompactReader(bytes);
  const groupRows: number[] = [];
  const others: (Field & { readonly value: Uint8Array })[] = [];
  let groups = new Uint8Array(0);
  for (let field = reader.field(0); field; field = reader.field(field.id)) {
    if (field.id === FILE_ROW_GROUPS) {
      const { size } = reader.list();
      const from = reader.pos;
      for (let i = 0; i < size; i++) groupRows.push(rowsOfGroup(reader));
      groups = bytes.slice(from, reader.pos);
    } else {
      const from = reader.pos;
      reader.skip(field.type);
      if (field.id !== FILE_ROWS) others.push({ ...field, value: bytes.slice(from, reader.pos) });
    }
  }
  return { groupRows, groups, others };
}

export function encodeFooter({ groupRows, groups, others }: ParquetFooter): Buffer {
  const fields = [
    ...others,
    { id: FILE_ROWS, type: TYPE.i64, value: integer(groupRows.reduce((sum, rows) => sum + rows, 0)) },
    { id: FILE_ROW_GROUPS, type: TYPE.list, value: Buffer.concat([listHead(groupRows.length, TYPE.struct), groups]) },
  ].sort((a, b) => a.id - b.id);
  return Buffer.concat([...fields.flatMap((field, i) => [fieldHead(field, fields[i - 1]?.id ?? 0), field.value]), Uint8Array.of(0)]);
}

/** Whether the row groups of both can stand in one file: the same columns, written in the same way. */
export function fitTogether(a: ParquetFooter, b: ParquetFooter): boolean {
  return a.others.length === b.others.length && a.others.every(({ id, type, value }, i) => id === b.others[i].id && type === b.others[i].type && Buffer.compare(value, b.others[i].value) === 0);
}

/** The row groups, when their bytes lie `by` bytes further back in the file, behind `groupsBefore` others. @throws CompactError */
export function movedGroups({ groups, groupRows }: ParquetFooter, by: number, groupsBefore: number): Uint8Array {
  const mover = new Mover(groups, by);
  for (let i = 0; i < groupRows.length; i++) mover.struct(ROW_GROUP, groupsBefore + i);
  return mover.finish();
}

/** Copies structs with some of their numbers changed. */
class Mover {
  private readonly reader: CompactReader;
  private readonly out: Uint8Array[] = [];
  private copied = 0;

  constructor(private readonly bytes: Uint8Array, private readonly by: number) {
    this.reader = new CompactReader(bytes);
  }

  struct(moving: Moving, ordinal: number): void {
    const { reader } = this;
    for (let field = reader.field(0); field; field = reader.field(field.id)) {
      const inside = moving.inside?.[field.id];
      if (moving.offsets.includes(field.id)) this.replace((offset) => (offset > 0 ? offset + this.by : offset));
      else if (moving.ordinal === field.id) this.replace(() => ordinal);
      else if (inside === undefined) reader.skip(field.type);
      else if (field.type === TYPE.struct) this.struct(inside, ordinal);
      else for (let left = reader.list().size; left > 0; left--) this.struct(inside, ordinal);
    }
  }

  finish(): Uint8Array {
    return Buffer.concat([...this.out, this.bytes.subarray(this.copied)]);
  }

  private replace(change: (value: number) => number): void {
    const { reader } = this;
    this.out.push(this.bytes.subarray(this.copied, reader.pos), integer(change(reader.integer())));
    this.copied = reader.pos;
  }
}

function rowsOfGroup(reader: CompactReader): number {
  let rows = 0;
  for (let field = reader.field(0); field; field = reader.field(field.id)) {
    if (field.id === GROUP_ROWS) rows = reader.integer();
    else reader.skip(field.type);
  }
  return rows;
}
