import type { SettledRow } from '../cursors/cursor-record.js';
import { JournalError } from '../errors.js';
import type { LedgerChange } from '../ledger-change.js';

/** Adds changes to the counters; the rows given stay as they are. */
export function settle(rows: readonly SettledRow[], changes: readonly LedgerChange[]): readonly SettledRow[] {
  if (changes.length === 0) return rows;
  const settled = new Map(rows.map((row) => [rowKey(row), row]));
  for (const change of changes) {
    const row = settled.get(rowKey(change)) ?? { tenant: change.tenant, signal: change.signal, origin: change.origin ?? '', delivered: 0, dropped: new Map<string, number>(), redelivered: 0, outcomeUnknown: 0 };
    settled.set(rowKey(change), {
      ...row,
      delivered: row.delivered + (change.delivered ?? 0),
      dropped: addReasons(row.dropped, change.dropped),
      redelivered: row.redelivered + (change.redelivered ?? 0),
      outcomeUnknown: row.outcomeUnknown + (change.outcomeUnknown ?? 0),
    });
  }
  return [...settled.values()];
}

/** Items that left the queue. */
export function settledItems(row: Pick<SettledRow, 'delivered' | 'dropped'>): number {
  let items = row.delivered;
  for (const dropped of row.dropped.values()) items += dropped;
  return items;
}

/** @throws JournalError SBX_JOURNAL_CURSOR for a count that is none */
export function checkChange(change: LedgerChange): void {
  for (const count of [change.delivered, change.redelivered, change.outcomeUnknown, ...Object.values(change.dropped ?? {})]) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0)) throw new JournalError('SBX_JOURNAL_CURSOR', `a ledger change of ${change.signal} counts ${count} items`);
  }
}

export function rowKey({ tenant, signal, origin }: Pick<LedgerChange, 'tenant' | 'signal' | 'origin'>): string {
  return `${tenant}\0${signal}\0${origin ?? ''}`;
}

export function addReasons(dropped: ReadonlyMap<string, number>, more: LedgerChange['dropped']): ReadonlyMap<string, number> {
  if (more === undefined) return dropped;
  const sum = new Map(dropped);
  for (const [reason, items] of Object.entries(more)) if (items > 0) sum.set(reason, (sum.get(reason) ?? 0) + items);
  return sum;
}
