import type { FrameSignal } from '../frame.js';

/** The order in which signals are numbered on disk, from 0. */
export const FRAME_SIGNALS: readonly FrameSignal[] = ['traces', 'logs', 'metrics'];

const SIGNAL_INDEX: Readonly<Record<FrameSignal, number>> = { traces: 0, logs: 1, metrics: 2 };

export function signalIndex(signal: FrameSignal): number {
  return SIGNAL_INDEX[signal];
}

/** As it stands in JSON; format version 1 had no origin. */
export type AcceptedRow = readonly [tenant: string, traces: number, logs: number, metrics: number, origin?: string];

/** Counts of one tenant and origin. */
export interface AcceptedEntry {
  readonly tenant: string;
  readonly origin: string;
  /** Of traces, logs and metrics, in this order. */
  readonly row: Readonly<Float64Array>;
}

/** Items accepted per tenant, signal and origin from the log's beginning up to some position: a property of that position. */
export class AcceptedCounts {
  /** By tenant, then by origin. */
  readonly #rows = new Map<string, Map<string, Float64Array>>();

  tenants(): IterableIterator<string> {
    return this.#rows.keys();
  }

  originsOf(tenant: string): Iterable<string> {
    return this.#rows.get(tenant)?.keys() ?? [];
  }

  get(tenant: string, signal: FrameSignal, origin: string): number {
    return this.#rows.get(tenant)?.get(origin)?.[signalIndex(signal)] ?? 0;
  }

  set(tenant: string, signal: FrameSignal, origin: string, items: number): void {
    this.#row(tenant, origin)[signalIndex(signal)] = items;
  }

  add(tenant: string, signal: FrameSignal, origin: string, items: number): void {
    this.#row(tenant, origin)[signalIndex(signal)]! += items;
  }

  *entries(): Generator<AcceptedEntry> {
    for (const [tenant, origins] of this.#rows) for (const [origin, row] of origins) yield { tenant, origin, row };
  }

  clone(): AcceptedCounts {
    const copy = new AcceptedCounts();
    for (const [tenant, origins] of this.#rows) copy.#rows.set(tenant, new Map([...origins].map(([origin, row]) => [origin, row.slice()])));
    return copy;
  }

  toJSON(): AcceptedRow[] {
    return Array.from(this.entries(), ({ tenant, origin, row }) => [tenant, row[0]!, row[1]!, row[2]!, origin]);
  }

  static fromJSON(rows: Iterable<AcceptedRow>): AcceptedCounts {
    const counts = new AcceptedCounts();
    for (const [tenant, traces, logs, metrics, origin = ''] of rows) counts.#row(tenant, origin).set([traces, logs, metrics]);
    return counts;
  }

  #row(tenant: string, origin: string): Float64Array {
    let origins = this.#rows.get(tenant);
    if (origins === undefined) this.#rows.set(tenant, (origins = new Map()));
    let row = origins.get(origin);
    if (row === undefined) origins.set(origin, (row = new Float64Array(FRAME_SIGNALS.length)));
    return row;
  }
}
