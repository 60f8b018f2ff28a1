/** More series than a tenant may have. */
export const SERIES_LIMIT = 'series_limit';
/** The series has another value at that time; as in Prometheus the first one stands. */
export const DUPLICATE_TIMESTAMP = 'duplicate_timestamp';

/** What became of a frame's items. */
export class ItemTally {
  delivered = 0;
  problem: string | null = null;
  readonly dropped: Record<string, number> = {};

  drop(reason: string, items = 1): void {
    if (items > 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + items;
  }
}
