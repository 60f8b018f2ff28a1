import type { Outcome } from '../component.js';

/** Why items stay for another try. */
export interface RetryCause {
  readonly reason: string;
  readonly afterMs?: number;
  /** Whether they may have arrived all the same. */
  readonly unknown?: boolean;
}

/** Collects what became of a batch's items, one request after the other. An item's first verdict stands, but a rejection outranks a retry. */
export class OutcomeTally {
  private readonly retried = new Set<number>();
  private readonly rejected = new Map<number, string>();
  private readonly duplicates = new Set<number>();
  private cause: RetryCause | null = null;

  constructor(private readonly items: number) {}

  reject(items: Iterable<number>, reason: string): void {
    for (const item of items) {
      this.retried.delete(item);
      if (!this.rejected.has(item)) this.rejected.set(item, reason);
    }
  }

  retry(items: Iterable<number>, cause: RetryCause): void {
    for (const item of items) if (!this.rejected.has(item)) this.retried.add(item);
    const afterMs = Math.max(this.cause?.afterMs ?? -1, cause.afterMs ?? -1);
    const unknown = this.cause?.unknown === true || cause.unknown === true;
    this.cause = { reason: this.cause?.reason ?? cause.reason, ...(afterMs < 0 ? {} : { afterMs }), ...(unknown ? { unknown } : {}) };
  }

  /** The destination already had them. */
  duplicate(items: Iterable<number>): void {
    for (const item of items) this.duplicates.add(item);
  }

  /** Something else is to be tried later, so further requests make no sense now. */
  get retrying(): boolean {
    return this.cause !== null;
  }

  outcome(): Outcome {
    if (this.cause !== null && this.retried.size === this.items && this.items > 0) return { kind: 'retryable', ...this.cause };
    const duplicate = [...this.duplicates].filter((item) => !this.retried.has(item) && !this.rejected.has(item)).length;
    return {
      kind: 'settled',
      delivered: this.items - duplicate - this.retried.size - this.rejected.size,
      duplicate,
      retry: { items: [...this.retried].sort((a, b) => a - b), ...(this.retried.size > 0 ? this.cause : {}) },
      rejected: [...this.rejected].sort(([a], [b]) => a - b).map(([item, reason]) => ({ item, reason })),
    };
  }
}
