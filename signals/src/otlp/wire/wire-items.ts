/** Counts the items of a request as they are met and knows which of them are wanted. */
export class WireItems {
  private ordinal = 0;
  private index = 0;

  /** @param wanted ordinals, ascending; null for all of them */
  constructor(private readonly wanted: Uint32Array | null) {}

  /** Wanted items so far. */
  get taken(): number {
    return this.index;
  }

  /** The next item of the request: its number among those that are wanted, or -1 where it is none of them. */
  take(): number {
    const ordinal = this.ordinal++;
    if (this.wanted !== null && this.wanted[this.index] !== ordinal) return -1;
    return this.index++;
  }
}
