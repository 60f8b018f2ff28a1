import { Buffer } from 'node:buffer';

/** Up to here bytes are copied one by one. */
const SHORT_BYTES = 48;

/**
 * Memory that is written from its end to its beginning, so that a protobuf message's length is known when it is put before it and
 * no size has to be counted in advance. Numbers and tags are written by the classes made of it, each in the form that its values
 * have: a method that is shared would be compiled for both, and these are what encoding consists of.
 */
export class BackwardBytes {
  protected bytes: Buffer;
  protected view: DataView;
  protected pos: number;

  constructor(initialBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.pos = initialBytes;
  }

  /** What was written so far. The writer must not be used any further. */
  finish(): Uint8Array {
    return this.bytes.subarray(this.pos);
  }

  /** Bytes written so far: the end of the message that begins with what is written next. */
  mark(): number {
    return this.bytes.length - this.pos;
  }

  /** Bytes as they are: fields that were encoded before. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    this.pos -= length;
    if (length > SHORT_BYTES) this.bytes.set(bytes, this.pos);
    else for (let i = 0, p = this.pos; i < length; i++) this.bytes[p++] = bytes[i];
  }

  /** One number of a packed field of doubles. */
  rawDouble(value: number): void {
    this.reserve(8);
    this.pos -= 8;
    this.view.setFloat64(this.pos, value, true);
  }

  /** A text in UTF-8; answers its bytes. */
  protected utf8(value: string): number {
    const length = Buffer.byteLength(value);
    this.reserve(length);
    this.pos -= length;
    this.bytes.write(value, this.pos, length, 'utf8');
    return length;
  }

  protected reserve(size: number): void {
    if (this.pos >= size) return;
    const written = this.mark();
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, written + size));
    grown.set(this.bytes.subarray(this.pos), grown.length - written);
    this.pos = grown.length - written;
    this.bytes = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
  }
}
