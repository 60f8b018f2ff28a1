/** An undecided trace: what is kept of its spans, and where they lie in the journal. */
export class TraceFacts {
  #tenant: string;
  #id: string;
  #from: number;
  #firstMs: number;
  spans = 0;
  /** Of its spans on the wire. */
  bytes = 0;
  /** Position of the last frame that holds spans of it. */
  to: number;
  /** The earliest start and the latest end, Unix time in nanoseconds as two halves: exact, without a bigint per span. */
  #startHigh = 0xffff_ffff;
  #startLow = 0xffff_ffff;
  #endHigh = 0;
  #endLow = 0;
  /** Conditions that some span has met; those from 32 on stand in the list. */
  #met = 0;
  #more: number[] | null = null;

  constructor(tenant: string, id: string, from: number, firstMs: number) {
    this.#tenant = tenant;
    this.#id = id;
    this.#from = this.to = from;
    this.#firstMs = firstMs;
  }

  get tenant(): string {
    return this.#tenant;
  }

  /** The 16 bytes as characters (latin1). */
  get id(): string {
    return this.#id;
  }

  /** Position of the first frame that holds spans of it. */
  get from(): number {
    return this.#from;
  }

  /** On the journal's clock, in milliseconds. */
  get firstMs(): number {
    return this.#firstMs;
  }

  /** Forgets everything, and is of another trace. */
  begin(tenant: string, id: string, from: number, firstMs: number): void {
    this.#tenant = tenant;
    this.#id = id;
    this.#from = this.to = from;
    this.#firstMs = firstMs;
    this.spans = this.bytes = 0;
    this.#startHigh = this.#startLow = 0xffff_ffff;
    this.#endHigh = this.#endLow = this.#met = 0;
    this.#more = null;
  }

  time(startHigh: number, startLow: number, endHigh: number, endLow: number): void {
    if (startHigh < this.#startHigh || (startHigh === this.#startHigh && startLow < this.#startLow)) {
      this.#startHigh = startHigh;
      this.#startLow = startLow;
    }
    if (endHigh > this.#endHigh || (endHigh === this.#endHigh && endLow > this.#endLow)) {
      this.#endHigh = endHigh;
      this.#endLow = endLow;
    }
  }

  /** Between the earliest start and the latest end, whole milliseconds; 0 where that is before the start. */
  get durationMs(): number {
    if (this.spans === 0) return 0;
    const ns = (this.#endHigh - this.#startHigh) * 2 ** 32 + (this.#endLow - this.#startLow);
    // Beyond that a double does not hold every nanosecond.
    if (ns < 1_000_000) return 0;
    if (!Number.isSafeInteger(ns)) return Number((nanoseconds(this.#endHigh, this.#endLow) - nanoseconds(this.#startHigh, this.#startLow)) / 1_000_000n);
    return (ns - (ns % 1_000_000)) / 1_000_000;
  }

  meet(condition: number): void {
    if (condition < 32) this.#met |= 1 << condition;
    else {
      this.#more ??= [];
      const word = (condition >>> 5) - 1;
      while (this.#more.length <= word) this.#more.push(0);
      this.#more[word] |= 1 << (condition & 31);
    }
  }

  met(condition: number): boolean {
    const word = condition < 32 ? this.#met : (this.#more?.[(condition >>> 5) - 1] ?? 0);
    return (word & (1 << (condition & 31))) !== 0;
  }
}

function nanoseconds(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
