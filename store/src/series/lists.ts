const FIRST_SLOTS = 64;

/** Unsigned 32-bit numbers in a row that grows. */
export class Uint32List {
  values: Uint32Array;
  length = 0;

  constructor(slots = FIRST_SLOTS) {
    this.values = new Uint32Array(slots);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow(this.length + 1);
    this.values[this.length++] = value;
  }

  pushAll(values: ArrayLike<number>): void {
    if (this.length + values.length > this.values.length) this.grow(this.length + values.length);
    this.values.set(values, this.length);
    this.length += values.length;
  }

  /** A view, valid until the next push. */
  get view(): Uint32Array {
    return this.values.subarray(0, this.length);
  }

  get bytes(): number {
    return this.values.byteLength;
  }

  private grow(least: number): void {
    const grown = new Uint32Array(Math.max(this.values.length * 2, least));
    grown.set(this.values);
    this.values = grown;
  }
}

/** Doubles in a row that grows; not for NaN whose bits matter. */
export class Float64List {
  values = new Float64Array(FIRST_SLOTS);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Float64Array(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  get view(): Float64Array {
    return this.values.subarray(0, this.length);
  }

  get bytes(): number {
    return this.values.byteLength;
  }
}
