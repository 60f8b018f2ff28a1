/** Columns of samples. */
export interface SampleColumns {
  /** Unix milliseconds. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The values' bits, as pairs of low and high. */
  readonly words: Uint32Array;
}

const FIRST_SLOTS = 512;
const MOST_SLOTS = 1 << 16;
const BYTES = 8;

export function newColumns(slots: number): SampleColumns {
  const values = new Float64Array(slots);
  return { times: new Float64Array(slots), values, words: new Uint32Array(values.buffer) };
}

/**
 * Columns of many series in a few pieces of memory: a piece for each column of each series, thousands a query, is what collecting
 * garbage would spend its time on. What is taken goes with the whole.
 */
export class SampleSlab {
  private times = new ArrayBuffer(0);
  private values = new ArrayBuffer(0);
  private slots = 0;
  private taken = 0;

  take(slots: number): SampleColumns {
    if (slots > MOST_SLOTS / 4) return newColumns(slots);
    if (this.taken + slots > this.slots) {
      this.slots = Math.min(MOST_SLOTS, Math.max(this.slots * 2, FIRST_SLOTS, slots));
      this.times = new ArrayBuffer(this.slots * BYTES);
      this.values = new ArrayBuffer(this.slots * BYTES);
      this.taken = 0;
    }
    const at = this.taken * BYTES;
    this.taken += slots;
    return { times: new Float64Array(this.times, at, slots), values: new Float64Array(this.values, at, slots), words: new Uint32Array(this.values, at, slots * 2) };
  }
}
