import { Reader } from '../../otlp/protobuf/reader.js';

/** Nesting does not occur in a write; groups of unknown fields only. */
const MAX_DEPTH = 16;
const TWO_32 = 2 ** 32;

/** Reads what both versions of remote write are made of. */
export class WriteReader extends Reader {
  /** Set by lenientString() when it was not UTF-8; to be reset by the caller. */
  badText = false;

  constructor(bytes: Uint8Array) {
    super(bytes, MAX_DEPTH);
  }

  /** int64 as a number, exact up to 2^53. */
  time(end: number): number {
    this.varint(end);
    return (this.high | 0) * TWO_32 + this.low;
  }

  /** uint64 as a number, exact up to 2^53. */
  count(end: number): number {
    this.varint(end);
    return this.high * TWO_32 + this.low;
  }

  /** sint64 as a number, exact up to 2^53. */
  delta(end: number): number {
    this.varint(end);
    const half = this.high * (TWO_32 / 2) + (this.low >>> 1);
    return (this.low & 1) === 0 ? half : -half - 1;
  }

  /** A string that need not be UTF-8: Prometheus refuses the series then, not the request. */
  lenientString(end: number): string {
    const at = this.pos;
    try {
      return this.string(end);
    } catch {
      this.pos = at;
      const limit = this.limit(end);
      const lossy = this.bytes.toString('utf8', this.pos, limit);
      this.pos = limit;
      this.badText = true;
      return lossy;
    }
  }

  /** A repeated field of varints, packed (wire type 2) or one at a time (0). */
  varints(tag: number, end: number, list: number[], read: (reader: WriteReader, end: number) => number): void {
    if ((tag & 7) === 0) {
      list.push(read(this, end));
      return;
    }
    const limit = this.limit(end);
    while (this.pos < limit) list.push(read(this, limit));
  }

  /** A repeated field of doubles, packed (wire type 2) or one at a time (1). */
  doubles(tag: number, end: number, list: number[]): void {
    if ((tag & 7) === 1) {
      list.push(this.double(end));
      return;
    }
    this.packed8(end, list, readDouble);
  }
}

const readDouble = (reader: Reader, end: number): number => reader.double(end);
