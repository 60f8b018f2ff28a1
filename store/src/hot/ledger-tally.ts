import type { FrameSignal } from '@signalbox/journal/frame';
import type { LedgerChange } from '@signalbox/journal/ledger-change';

interface Row {
  readonly tenant: string;
  readonly signal: FrameSignal;
  readonly origin: string;
  delivered: number;
  redelivered: number;
  readonly dropped: Map<string, number>;
}

/** Whose items are counted. */
export type LedgerStream = Pick<LedgerChange, 'tenant' | 'signal' | 'origin'>;

/** Adds up what became of items, until it is committed. */
export class LedgerTally {
  private readonly rows = new Map<string, Row>();

  delivered(stream: LedgerStream, items: number): void {
    this.row(stream).delivered += items;
  }

  /** Items that the ledger has already, read once more. */
  redelivered(stream: LedgerStream, items: number): void {
    this.row(stream).redelivered += items;
  }

  dropped(stream: LedgerStream, reason: string, items: number): void {
    if (items === 0) return;
    const { dropped } = this.row(stream);
    dropped.set(reason, (dropped.get(reason) ?? 0) + items);
  }

  add(changes: readonly LedgerChange[]): void {
    for (const change of changes) {
      const row = this.row(change);
      row.delivered += change.delivered ?? 0;
      row.redelivered += change.redelivered ?? 0;
      for (const [reason, items] of Object.entries<number>(change.dropped ?? {})) this.dropped(change, reason, items);
    }
  }

  changes(): readonly LedgerChange[] {
    return [...this.rows.values()].map(({ dropped, origin, ...row }) => ({ ...row, ...(origin === '' ? {} : { origin }), dropped: Object.fromEntries(dropped) }));
  }

  private row({ tenant, signal, origin = '' }: LedgerStream): Row {
    const key = `${signal} ${tenant}\0${origin}`;
    let row = this.rows.get(key);
    if (!row) this.rows.set(key, (row = { tenant, signal, origin, delivered: 0, redelivered: 0, dropped: new Map() }));
    return row;
  }
}
