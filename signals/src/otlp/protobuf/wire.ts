import { OtlpError } from '../error.js';
import { MAX_DEPTH_CEILING } from '../limits.js';

/**
 * A position in protobuf wire format (https://protobuf.dev/programming-guides/encoding/): tags, lengths, skipping.
 * What the decoders and the scanner have in common, so that they agree on what is malformed.
 *
 * Invariant: every method takes the `end` of the message being read, `end <= bytes.length`, and leaves `pos <= end`
 * or throws OtlpError. So nothing is read outside the message, and a message ends exactly where its length said.
 */
export class WireReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  pos = 0;
  /** The two halves of the varint read last, each unsigned. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(what: string, offset = this.pos): never {
    throw OtlpError.atByte(what, offset);
  }

  /** A field's tag (number << 3 | wire type). To be called with `pos < end`. */
  tag(end: number): number {
    const tag = this.bytes[this.pos];
    if (tag >= 0x80 || tag < 8) return this.longTag(end);
    this.pos++;
    return tag;
  }

  private longTag(end: number): number {
    const start = this.pos;
    this.varint(end);
    if (this.high !== 0) this.fail('field number out of range', start);
    if (this.low < 8) this.fail('field number 0', start);
    return this.low;
  }

  /** Reads a length and answers where the field that it begins ends. */
  limit(end: number): number {
    const p = this.pos;
    if (p < end) {
      const length = this.bytes[p];
      const limit = p + 1 + length;
      if (length < 0x80 && limit <= end) {
        this.pos = p + 1;
        return limit;
      }
    }
    return this.longLimit(end);
  }

  private longLimit(end: number): number {
    const start = this.pos;
    this.varint(end);
    if (this.high !== 0 || this.low > end - this.pos) this.fail('length runs past the end of its message', start);
    return this.pos + this.low;
  }

  /** Reads a varint of up to ten bytes into `low` and `high`. */
  varint(end: number): void {
    const bytes = this.bytes;
    const start = this.pos;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (start + i >= end) this.fail('varint runs past the end of its message', start);
      const byte = bytes[start + i];
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (i < 9) high |= bits << (7 * i - 32);
      else {
        if (byte > 1) this.fail('varint of more than 64 bits', start);
        high |= bits << 31;
      }
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        this.pos = start + i + 1;
        return;
      }
    }
  }

  /** Passes over a field of no interest, groups included. */
  skip(tag: number, end: number): void {
    this.skipField(tag, end, 0);
  }

  private skipField(tag: number, end: number, depth: number): void {
    switch (tag & 7) {
      case 0:
        this.varint(end);
        return;
      case 1:
        this.skipFixed(8, end);
        return;
      case 2:
        this.pos = this.limit(end);
        return;
      case 3:
        this.skipGroup(tag >>> 3, end, depth + 1);
        return;
      case 5:
        this.skipFixed(4, end);
        return;
      default:
        this.fail((tag & 7) === 4 ? 'end of a group that was not begun' : `wire type ${tag & 7}`);
    }
  }

  skipFixed(size: number, end: number): void {
    if (this.pos + size > end) this.fail('number runs past the end of its message');
    this.pos += size;
  }

  private skipGroup(field: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH_CEILING) this.fail(`groups nested deeper than ${MAX_DEPTH_CEILING}`);
    const endTag = ((field << 3) | 4) >>> 0;
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag === endTag) return;
      this.skipField(tag, end, depth);
    }
    this.fail('group without an end');
  }
}
