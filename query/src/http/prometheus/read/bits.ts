/** Bits from the highest on, as Prometheus' chunks hold them. */
export class BitWriter {
  #bytes: Buffer;
  #bits: number;

  /** `header`: bytes that stand before the bits. */
  constructor(header: number) {
    this.#bytes = Buffer.alloc(256);
    this.#bits = header * 8;
  }

  /** The lowest `count` bits of `value`. */
  write(value: bigint, count: number): void {
    const bits = BigInt.asUintN(count, value);
    this.#reserve(count);
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bits & 7);
      const taken = Math.min(free, left);
      const part = Number((bits >> BigInt(left - taken)) & BigInt((1 << taken) - 1));
      const at = this.#bits >> 3;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (part << (free - taken));
      this.#bits += taken;
      left -= taken;
    }
  }

  byte(value: number): void {
    this.write(BigInt(value), 8);
  }

  /** Go's binary.PutUvarint. */
  uvarint(value: bigint): void {
    let left = BigInt.asUintN(64, value);
    for (; left >= 0x80n; left >>= 7n) this.byte(Number(left & 0x7fn) | 0x80);
    this.byte(Number(left));
  }

  /** Go's binary.PutVarint. */
  varint(value: bigint): void {
    this.uvarint(value >= 0n ? value << 1n : ~(value << 1n));
  }

  finish(header: readonly number[]): Uint8Array {
    header.forEach((byte, i) => { this.#bytes[i] = byte; });
    return this.#bytes.subarray(0, (this.#bits + 7) >> 3);
  }

  #reserve(count: number): void {
    const needed = ((this.#bits + count + 7) >> 3) + 1;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

/** Whether a number fits so many bits where, unlike two's complement, one more positive than negative number has room. */
export function fits(value: bigint, bits: number): boolean {
  const half = 1n << BigInt(bits - 1);
  return -(half - 1n) <= value && value <= half;
}
