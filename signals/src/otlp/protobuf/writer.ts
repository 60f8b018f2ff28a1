import { Buffer } from 'node:buffer';
import { BackwardBytes } from './backward-bytes.js';

/** Up to here a text is written character by character. */
const SHORT_CHARACTERS = 40;

/**
 * Writes protobuf from its end to its beginning. Callers write fields in descending order and lists from the last element:
 *
 *     const end = writer.mark();   // behind the message
 *     writer.string(18, version);
 *     writer.string(10, name);
 *     writer.message(10, end);     // its length and tag, before it
 *
 * A tag is field number << 3 | wire type. Methods named set… write zero values too, the others leave them out, as
 * proto3 does for fields without presence.
 */
export class Writer extends BackwardBytes {
  constructor(initialBytes = 4096) {
    super(initialBytes);
  }

  /** Closes the message that ends at `end`. */
  message(tag: number, end: number): void {
    this.varint(this.mark() - end);
    this.varint(tag);
  }

  string(tag: number, value: string): void {
    if (value !== '') this.setString(tag, value);
  }

  setString(tag: number, value: string): void {
    if (value.length <= SHORT_CHARACTERS && this.ascii(value)) {
      this.varint(value.length);
      this.varint(tag);
      return;
    }
    this.varint(this.utf8(value));
    this.varint(tag);
  }

  setBytes(tag: number, value: Uint8Array): void {
    this.raw(value);
    this.varint(value.length);
    this.varint(tag);
  }

  /** An id from its hex digits; '' is left out. */
  id(tag: number, hex: string): void {
    if (hex !== '') this.setBytes(tag, bytesOfId(hex));
  }

  uint32(tag: number, value: number): void {
    if (value !== 0) this.setUint32(tag, value);
  }

  setUint32(tag: number, value: number): void {
    this.varint(value >>> 0);
    this.varint(tag);
  }

  /** int32 and enums; a negative number takes ten bytes. */
  int32(tag: number, value: number): void {
    if (value >= 0) this.uint32(tag, value);
    else this.setInt64(tag, BigInt(value | 0));
  }

  sint32(tag: number, value: number): void {
    this.uint32(tag, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  bool(tag: number, value: boolean): void {
    if (value) this.setUint32(tag, 1);
  }

  setInt64(tag: number, value: bigint): void {
    this.bigVarint(BigInt.asUintN(64, value));
    this.varint(tag);
  }

  fixed32(tag: number, value: number): void {
    if (value === 0) return;
    this.reserve(4);
    this.pos -= 4;
    this.view.setUint32(this.pos, value, true);
    this.varint(tag);
  }

  fixed64(tag: number, value: bigint): void {
    if (value !== 0n) this.setFixed64(tag, value);
  }

  setFixed64(tag: number, value: bigint): void {
    this.rawFixed64(value);
    this.varint(tag);
  }

  double(tag: number, value: number): void {
    if (!Object.is(value, 0)) this.setDouble(tag, value);
  }

  setDouble(tag: number, value: number): void {
    this.rawDouble(value);
    this.varint(tag);
  }

  /** An optional double: null is left out, zero is not. */
  optionalDouble(tag: number, value: number | null): void {
    if (value !== null) this.setDouble(tag, value);
  }

  packedFixed64(tag: number, values: readonly bigint[]): void {
    if (values.length === 0) return;
    for (let i = values.length - 1; i >= 0; i--) this.rawFixed64(values[i]);
    this.varint(values.length * 8);
    this.varint(tag);
  }

  packedDouble(tag: number, values: readonly number[]): void {
    if (values.length === 0) return;
    for (let i = values.length - 1; i >= 0; i--) this.rawDouble(values[i]);
    this.varint(values.length * 8);
    this.varint(tag);
  }

  packedUint64(tag: number, values: readonly bigint[]): void {
    if (values.length === 0) return;
    const end = this.mark();
    for (let i = values.length - 1; i >= 0; i--) this.bigVarint(BigInt.asUintN(64, values[i]));
    this.message(tag, end);
  }

  /** Short texts are mostly ASCII, and a call into native code costs more than they do. False where this one is not; nothing is written then. */
  private ascii(value: string): boolean {
    const { length } = value;
    this.reserve(length);
    const start = this.pos - length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      this.bytes[start + i] = code;
    }
    this.pos = start;
    return true;
  }

  private rawFixed64(value: bigint): void {
    this.reserve(8);
    this.pos -= 8;
    this.view.setBigUint64(this.pos, value, true);
  }

  private bigVarint(value: bigint): void {
    if (value < 0x80000000n) {
      this.varint(Number(value));
      return;
    }
    let size = 1;
    for (let rest = value >> 7n; rest > 0n; rest >>= 7n) size++;
    this.reserve(size);
    this.pos -= size;
    let p = this.pos;
    for (let rest = value; size > 1; size--, rest >>= 7n) this.bytes[p++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[p] = Number(value >> BigInt(7 * (p - this.pos)));
  }

  /** Up to 32 bits. */
  private varint(value: number): void {
    if (value < 0x80 && this.pos > 0) {
      this.bytes[--this.pos] = value;
      return;
    }
    const size = value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    this.reserve(size);
    this.pos -= size;
    let p = this.pos;
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.bytes[p++] = (rest & 0x7f) | 0x80;
    this.bytes[p] = rest;
  }
}

/**
 * The bytes of an id in hex. An odd number of digits (which JSON can bring) is no number of bytes: such an id comes out
 * with a length that no id has, so that it is rejected as one of wrong length.
 */
function bytesOfId(hex: string): Uint8Array {
  if (hex.length % 2 === 0) return Buffer.from(hex, 'hex');
  const whole = Buffer.from(hex.slice(0, -1), 'hex');
  return whole.length === 8 || whole.length === 16 ? Buffer.concat([whole, Buffer.of(0)]) : whole;
}
