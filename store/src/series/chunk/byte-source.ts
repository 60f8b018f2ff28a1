/** Bytes that are read from `pos` on; the counterpart of ByteSink. What lies behind the end reads as zeros, and `overrun` tells. */
export class ByteSource {
  pos = 0;
  bytes: Uint8Array = new Uint8Array(0);
  private end = 0;
  private bit = 0;

  open(bytes: Uint8Array, pos: number, end: number): void {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  /** More was read than there is: the bytes are not what was written. */
  get overrun(): boolean {
    return this.pos > this.end;
  }

  get remaining(): number {
    return Math.max(0, this.end - this.pos);
  }

  byte(): number {
    return this.pos < this.end ? this.bytes[this.pos++] : (this.pos++, 0);
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 128;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    return value;
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float(): number {
    for (let i = 0; i < 8; i++) FLOAT_BYTES[i] = this.byte();
    return FLOAT[0];
  }

  /** Four bytes as an unsigned number. */
  word(): number {
    return (this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)) >>> 0;
  }

  /** Begins a run of bits at the byte at hand. */
  beginBits(): void {
    this.bit = this.pos * 8;
  }

  /** Up to 24 bits. */
  bits(count: number): number {
    const { bytes, bit } = this;
    const at = bit >>> 3;
    this.bit = bit + count;
    const word = at + 4 <= bytes.length ? bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24) : this.lastWord(at);
    return (word >>> (bit & 7)) & ((1 << count) - 1);
  }

  /** Up to 32 bits, unsigned. */
  bits32(count: number): number {
    if (count <= 16) return this.bits(count);
    const low = this.bits(16);
    return (low | (this.bits(count - 16) << 16)) >>> 0;
  }

  /** Adds up runs of `width` bits (24 at most), each of them with `least` more, from `sum` on; the sums come to stand in `out`. */
  sums(width: number, least: number, sum: number, out: Float64Array, from: number, to: number): void {
    const { bytes } = this;
    const mask = (1 << width) - 1;
    let { bit } = this;
    let total = sum;
    let i = from;
    // As long as four bytes can be read at a time.
    const whole = Math.min(to, from + Math.ceil(((bytes.length - 3) * 8 - bit) / width));
    for (; i < whole; i++) {
      const at = bit >>> 3;
      total += (((bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> (bit & 7)) & mask) + least;
      out[i] = total;
      bit += width;
    }
    this.bit = bit;
    for (; i < to; i++) out[i] = total += this.bits(width) + least;
  }

  endBits(): void {
    this.pos = (this.bit + 7) >>> 3;
  }

  private lastWord(at: number): number {
    const of = (i: number): number => (at + i < this.bytes.length ? this.bytes[at + i] : 0);
    return of(0) | (of(1) << 8) | (of(2) << 16) | (of(3) << 24);
  }
}

const FLOAT = new Float64Array(1);
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer);
