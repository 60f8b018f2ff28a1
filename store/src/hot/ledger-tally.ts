import type { FrameSignal } from '@signalbox/journal/frame';
import type { LedgerChange } from '@signalbox/journal/ledger-change';

interface Row {
  readonly tenant: string;
  readonly signal: FrameSignal;
  delivered: number;
  redelivered: number;
  readonly dropped: Map<string, number>;
}

/** Adds up what became of items, until it is committed. */
export class LedgerTally {
  private readonly rows = new Map<string, Row>();

  delivered(tenant: string, signal: FrameSignal, items: number): void {
    this.row(tenant, signal).delivered += items;
  }

  /** Items that the ledger has already, read once more. */
  redelivered(tenant: string, signal: FrameSignal, items: number): void {
    this.row(tenant, signal).redelivered += items;
  }

  dropped(tenant: string, signal: FrameSignal, reason: string, items: number): void {
    if (items === 0) return;
    const { dropped } = this.row(tenant, signal);
    dropped.set(reason, (dropped.get(reason) ?? 0) + items);
  }

  add(changes: readonly LedgerChange[]): void {
    for (const { tenant, signal, delivered, dropped, redelivered } of changes) {
      const row = this.row(tenant, signal);
      row.delivered += delivered ?? 0;
      row.redelivered += redelivered ?? 0;
      for (const [reason, items] of Object.entries<number>(dropped ?? {})) this.dropped(tenant, signal, reason, items);
    }
  }

  changes(): readonly LedgerChange[] {
    return [...this.rows.values()].map(({ dropped, ...row }) => ({ ...row, dropped: Object.fromEntries(dropped) }));
  }

  private row(tenant: string, signal: FrameSignal): Row {
    const key = `${signal} ${tenant}`;
    let row = this.rows.get(key);
    if (!row) this.rows.set(key, (row = { tenant, signal, delivered: 0, redelivered: 0, dropped: new Map() }));
    return row;
  }
}
