/** Counts a request's items in document order and knows which of them to leave out. */
export class ItemCounter {
  private readonly skipped: ReadonlySet<number> | null;
  private next = 0;

  constructor(skip: readonly number[] | undefined) {
    this.skipped = skip === undefined || skip.length === 0 ? null : new Set(skip);
  }

  /** Takes the next ordinal; says whether the item is wanted. */
  take(): boolean {
    const ordinal = this.next++;
    return this.skipped === null || !this.skipped.has(ordinal);
  }
}
