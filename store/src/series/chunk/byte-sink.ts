const FIRST_BYTES = 4096;
const FLOAT = new Float64Array(1);
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer);

/** Bytes that grow as they are written; what is valid ends at `length`. Bits are packed from the lowest on. */
export class ByteSink {
  bytes: Uint8Array;
  length = 0;
  private pending = 0;
  private pendingBits = 0;

  constructor(firstBytes = FIRST_BYTES) {
    this.bytes = new Uint8Array(firstBytes);
  }

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** A whole number between -2^52 and 2^52. */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** Not for NaN whose bits matter: a number may lose them on its way. */
  float(value: number): void {
    FLOAT[0] = value;
    this.raw(FLOAT_BYTES);
  }

  /** Four bytes of an unsigned number. */
  word(value: number): void {
    this.reserve(4);
    for (let shift = 0; shift < 32; shift += 8) this.bytes[this.length++] = value >>> shift;
  }

  /** The lowest `count` bits, 24 at most. */
  bits(value: number, count: number): void {
    let pending = this.pending | (value << this.pendingBits);
    let pendingBits = this.pendingBits + count;
    while (pendingBits >= 8) {
      this.bytes[this.length++] = pending;
      pending >>>= 8;
      pendingBits -= 8;
    }
    this.pending = pending;
    this.pendingBits = pendingBits;
  }

  /** Up to 32 bits. */
  bits32(value: number, count: number): void {
    if (count <= 16) this.bits(value & ((1 << count) - 1), count);
    else {
      this.bits(value & 0xffff, 16);
      this.bits((value >>> 16) & ((1 << (count - 16)) - 1), count - 16);
    }
  }

  /** Ends a run of bits at a whole byte. */
  align(): void {
    if (this.pendingBits > 0) this.byte(this.pending);
    this.pending = 0;
    this.pendingBits = 0;
  }
}
