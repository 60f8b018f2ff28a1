import type { FrameSignal } from './frame.js';

/** The order in which signals are numbered on disk, from 0. */
export const FRAME_SIGNALS: readonly FrameSignal[] = ['traces', 'logs', 'metrics'];

const SIGNAL_INDEX: Readonly<Record<FrameSignal, number>> = { traces: 0, logs: 1, metrics: 2 };

export function signalIndex(signal: FrameSignal): number {
  return SIGNAL_INDEX[signal];
}

/** Items accepted per tenant and signal from the log's beginning up to some position: a property of that position. */
export class AcceptedCounts {
  readonly #byTenant = new Map<string, Float64Array>();

  get tenants(): number {
    return this.#byTenant.size;
  }

  has(tenant: string): boolean {
    return this.#byTenant.has(tenant);
  }

  get(tenant: string, signal: FrameSignal): number {
    return this.#byTenant.get(tenant)?.[signalIndex(signal)] ?? 0;
  }

  set(tenant: string, signal: FrameSignal, items: number): void {
    this.#row(tenant)[signalIndex(signal)] = items;
  }

  add(tenant: string, signal: FrameSignal, items: number): void {
    this.#row(tenant)[signalIndex(signal)]! += items;
  }

  /** Per tenant the counts of traces, logs and metrics, in this order. */
  entries(): IterableIterator<[string, Readonly<Float64Array>]> {
    return this.#byTenant.entries();
  }

  clone(): AcceptedCounts {
    const copy = new AcceptedCounts();
    for (const [tenant, row] of this.#byTenant) copy.#byTenant.set(tenant, row.slice());
    return copy;
  }

  /** As it stands in JSON: `[tenant, traces, logs, metrics]`. */
  toJSON(): [string, number, number, number][] {
    return [...this.#byTenant].map(([tenant, row]) => [tenant, row[0]!, row[1]!, row[2]!]);
  }

  static fromJSON(rows: Iterable<readonly [string, number, number, number]>): AcceptedCounts {
    const counts = new AcceptedCounts();
    for (const [tenant, ...row] of rows) counts.#byTenant.set(tenant, Float64Array.from(row));
    return counts;
  }

  #row(tenant: string): Float64Array {
    let row = this.#byTenant.get(tenant);
    if (row === undefined) this.#byTenant.set(tenant, (row = new Float64Array(FRAME_SIGNALS.length)));
    return row;
  }
}
