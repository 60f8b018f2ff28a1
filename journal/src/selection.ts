import type { AcceptedCounts } from './counting/accepted-counts.js';
import { FRAME_SIGNALS } from './counting/accepted-counts.js';
import type { FrameSignal } from './frame.js';

/** Ids of receivers and connectors by signal; a signal that is missing has none. */
export type OriginsBySignal = Readonly<Partial<Record<FrameSignal, readonly string[]>>>;

/** What a reader takes of the log. */
export interface Selection {
  readonly signals: readonly FrameSignal[];
  /** Null: of every origin. */
  readonly origins: OriginsBySignal | null;
}

/** Frames without an origin are from before origins were kept: they belong to every reader of their signal. */
export function takes({ signals, origins }: Selection, signal: FrameSignal, origin: string): boolean {
  return signals.includes(signal) && (origin === '' || origins === null || origins[signal]?.includes(origin) === true);
}

/** Items of a tenant and signal that the selection takes. */
export function selectedItems(counts: AcceptedCounts, selection: Selection, tenant: string, signal: FrameSignal): number {
  let items = 0;
  for (const origin of counts.originsOf(tenant)) if (takes(selection, signal, origin)) items += counts.get(tenant, signal, origin);
  return items;
}

/** Copies the counts of all streams that `wanted` names. */
export function copyStreams(from: AcceptedCounts, to: AcceptedCounts, wanted: (signal: FrameSignal, origin: string) => boolean): void {
  for (const { tenant, origin } of from.entries()) {
    for (const signal of FRAME_SIGNALS) if (wanted(signal, origin)) to.set(tenant, signal, origin, from.get(tenant, signal, origin));
  }
}

export function sameSelection(a: Selection, b: Selection): boolean {
  return sameMembers(a.signals, b.signals) && (a.origins === null) === (b.origins === null) && a.signals.every((signal) => sameMembers(a.origins?.[signal] ?? [], b.origins?.[signal] ?? []));
}

/** One list stands for every signal. */
export function originsBySignal(signals: readonly FrameSignal[], origins: readonly string[] | OriginsBySignal | undefined): OriginsBySignal | null {
  if (origins === undefined) return null;
  return Object.fromEntries(signals.map((signal) => [signal, [...(isList(origins) ? origins : (origins[signal] ?? []))]]));
}

function isList(origins: readonly string[] | OriginsBySignal): origins is readonly string[] {
  return Array.isArray(origins);
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
