import { isUtf8 } from 'node:buffer';
import { WireReader } from './wire.js';

/** What `toString(encoding, start, end)` calls after it has looked at its arguments; all Node versions have them. */
interface SlicingBuffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  hexSlice(start: number, end: number): string;
}

/** Strings up to this many bytes are looked up among those seen before in the same request. */
const REMEMBERED_BYTES = 48;
/** Slots of that memory, a power of two. */
const SLOTS = 512;
/** From here on the native UTF-8 check is faster than looking at each byte. */
const NATIVE_CHECK_BYTES = 128;

/**
 * Reads values. Attribute keys and many values come again in every span of a request; creating a string costs a call
 * into native code, so short ones are remembered: a table of fixed size, thrown away with the reader, that holds where
 * in the bytes a string was seen.
 */
export class Reader extends WireReader {
  private readonly text: SlicingBuffer;
  private readonly seenAt = new Int32Array(SLOTS);
  private readonly seenLength = new Int32Array(SLOTS);
  private readonly seen: string[] = [];
  private traceIdAt = -1;
  private traceId = '';

  constructor(bytes: Uint8Array, readonly maxDepth: number) {
    super(bytes);
    this.text = this.bytes as Buffer & SlicingBuffer;
    for (let i = 0; i < SLOTS; i++) this.seen.push('');
  }

  uint32(end: number): number {
    if (this.pos < end) {
      const byte = this.bytes[this.pos];
      if (byte < 0x80) {
        this.pos++;
        return byte;
      }
    }
    this.varint(end);
    return this.low;
  }

  /** int32 and enums: the low 32 bits, as every protobuf library takes them. */
  int32(end: number): number {
    return this.uint32(end) | 0;
  }

  sint32(end: number): number {
    const n = this.uint32(end);
    return (n >>> 1) ^ -(n & 1);
  }

  bool(end: number): boolean {
    this.varint(end);
    return (this.low | this.high) !== 0;
  }

  int64(end: number): bigint {
    this.varint(end);
    if (this.high === 0) return BigInt(this.low);
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low));
  }

  uint64(end: number): bigint {
    this.varint(end);
    if (this.high === 0) return BigInt(this.low);
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  fixed32(end: number): number {
    const p = this.pos;
    this.skipFixed(4, end);
    return this.view.getUint32(p, true);
  }

  fixed64(end: number): bigint {
    const p = this.pos;
    this.skipFixed(8, end);
    return this.view.getBigUint64(p, true);
  }

  sfixed64(end: number): bigint {
    const p = this.pos;
    this.skipFixed(8, end);
    return this.view.getBigInt64(p, true);
  }

  double(end: number): number {
    const p = this.pos;
    this.skipFixed(8, end);
    return this.view.getFloat64(p, true);
  }

  /** A copy; the input may be a buffer that is used again. */
  blob(end: number): Uint8Array {
    const limit = this.limit(end);
    const copy = new Uint8Array(limit - this.pos);
    copy.set(this.bytes.subarray(this.pos, limit));
    this.pos = limit;
    return copy;
  }

  string(end: number): string {
    const limit = this.limit(end);
    const start = this.pos;
    const length = limit - start;
    this.pos = limit;
    if (length === 0) return '';
    if (length > REMEMBERED_BYTES) return this.createString(start, limit);
    const bytes = this.bytes;
    const hash =
      length * 31 + bytes[start] * 7 + bytes[start + (length >> 2)] * 131 + bytes[start + (length >> 1)] * 17 +
      bytes[start + length - (length >> 2) - 1] * 257 + bytes[limit - 1] * 61;
    const slot = (hash ^ (hash >>> 9)) & (SLOTS - 1);
    if (this.seenLength[slot] === length) {
      let a = this.seenAt[slot];
      let b = start;
      while (b < limit && bytes[a] === bytes[b]) {
        a++;
        b++;
      }
      if (b === limit) return this.seen[slot];
    }
    const text = this.createString(start, limit);
    this.seenAt[slot] = start;
    this.seenLength[slot] = length;
    this.seen[slot] = text;
    return text;
  }

  private createString(start: number, limit: number): string {
    const bytes = this.bytes;
    if (limit - start < NATIVE_CHECK_BYTES) {
      let all = 0;
      for (let i = start; i < limit; i++) all |= bytes[i];
      if (all < 0x80) return this.text.latin1Slice(start, limit);
    }
    if (!isUtf8(bytes.subarray(start, limit))) this.fail('string is not valid UTF-8', start);
    return this.text.utf8Slice(start, limit);
  }

  /** An id as lowercase hex, of whatever length it has. */
  id(end: number): string {
    const limit = this.limit(end);
    const start = this.pos;
    this.pos = limit;
    return this.text.hexSlice(start, limit);
  }

  /** Like `id`; all zeros is the same as none. */
  optionalId(end: number): string {
    const limit = this.limit(end);
    const start = this.pos;
    this.pos = limit;
    for (let i = start; i < limit; i++) {
      if (this.bytes[i] !== 0) return this.text.hexSlice(start, limit);
    }
    return '';
  }

  /** Like `id`; spans of one trace often follow each other, so the last one is remembered. */
  spanTraceId(end: number): string {
    const limit = this.limit(end);
    const start = this.pos;
    this.pos = limit;
    if (limit - start !== 16) return this.text.hexSlice(start, limit);
    const bytes = this.bytes;
    let same = this.traceIdAt >= 0;
    for (let i = 0; same && i < 16; i++) same = bytes[this.traceIdAt + i] === bytes[start + i];
    if (!same) {
      this.traceIdAt = start;
      this.traceId = this.text.hexSlice(start, limit);
    }
    return this.traceId;
  }

  /** Appends the content of a packed repeated field of 8-byte numbers. */
  packed8<T>(end: number, list: T[], read: (reader: Reader, end: number) => T): void {
    const limit = this.limit(end);
    if ((limit - this.pos) % 8 !== 0) this.fail('packed numbers of 8 bytes have a broken length');
    while (this.pos < limit) list.push(read(this, limit));
  }
}
