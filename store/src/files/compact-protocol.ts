/**
 * Thrift's compact protocol, as far as the footer of a Parquet file needs it (thrift, doc/specs/thrift-compact-protocol.md): walking values
 * without making objects of them.
 */
export const TYPE = { true: 1, false: 2, i8: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, map: 11, struct: 12 } as const;

/** Structs and lists lie in each other only so deep in a footer; deeper ones are no footer. */
const MAX_DEPTH = 32;
const MAX_SAFE_FACTOR = 2 ** 49;
const LONG_LIST = 15;

/** The bytes are no value of the protocol. */
export class CompactError extends Error {
  constructor(what: string, readonly offset: number) {
    super(`${what} at byte ${offset}`);
    this.name = 'CompactError';
  }
}

/** A field of a struct: its number and type. */
export interface Field {
  readonly id: number;
  readonly type: number;
}

/** Walks values from `pos` on, within the bytes. @throws CompactError */
export class CompactReader {
  pos = 0;

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    if (this.pos >= this.bytes.length) throw new CompactError('it ends too early', this.pos);
    return this.bytes[this.pos++];
  }

  /** Unsigned; numbers that a double cannot hold are refused. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= MAX_SAFE_FACTOR; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new CompactError('a number is too large', this.pos);
  }

  /** Signed, as i16, i32 and i64 are written. */
  integer(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The next field of a struct, null at its end; `before` is the number of the field before it, 0 at first. */
  field(before: number): Field | null {
    const head = this.byte();
    if (head === 0) return null;
    const delta = head >> 4;
    return { id: delta === 0 ? this.integer() : before + delta, type: head & 0x0f };
  }

  /** The head of a list or set. */
  list(): { readonly size: number; readonly type: number } {
    const head = this.byte();
    const size = head >> 4;
    return { size: size === LONG_LIST ? this.varint() : size, type: head & 0x0f };
  }

  /** Goes behind a value. `inList`: a boolean takes a byte there, and none as a field. */
  skip(type: number, inList = false, depth = 0): void {
    if (depth > MAX_DEPTH) throw new CompactError('values lie too deep in each other', this.pos);
    switch (type) {
      case TYPE.true:
      case TYPE.false:
        if (inList) this.byte();
        return;
      case TYPE.i8:
        this.byte();
        return;
      case TYPE.i16:
      case TYPE.i32:
      case TYPE.i64:
        while (this.byte() >= 0x80);
        return;
      case TYPE.double:
        this.forward(8);
        return;
      case TYPE.binary:
        this.forward(this.varint());
        return;
      case TYPE.list:
      case TYPE.set: {
        const { size, type: of } = this.list();
        for (let i = 0; i < size; i++) this.skip(of, true, depth + 1);
        return;
      }
      case TYPE.map: {
        const size = this.varint();
        if (size === 0) return;
        const types = this.byte();
        for (let i = 0; i < size; i++) {
          this.skip(types >> 4, true, depth + 1);
          this.skip(types & 0x0f, true, depth + 1);
        }
        return;
      }
      case TYPE.struct: {
        let before = 0;
        for (let field = this.field(before); field; field = this.field(before)) {
          this.skip(field.type, false, depth + 1);
          before = field.id;
        }
        return;
      }
      default:
        throw new CompactError(`there is no type ${type}`, this.pos);
    }
  }

  private forward(bytes: number): void {
    if (this.pos + bytes > this.bytes.length) throw new CompactError('it ends too early', this.pos);
    this.pos += bytes;
  }
}

/** Unsigned. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

/** Not negative, as i16, i32 and i64 are written. */
export function integer(value: number): Uint8Array {
  return varint(value * 2);
}

/** The head of a field behind field `before`. */
export function fieldHead({ id, type }: Field, before: number): Uint8Array {
  const delta = id - before;
  return delta > 0 && delta <= 15 ? Uint8Array.of((delta << 4) | type) : Uint8Array.from([type, ...integer(id)]);
}

/** The head of a list. */
export function listHead(size: number, type: number): Uint8Array {
  return size < LONG_LIST ? Uint8Array.of((size << 4) | type) : Uint8Array.from([(LONG_LIST << 4) | type, ...varint(size)]);
}
