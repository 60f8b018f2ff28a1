import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN_CALLER, type Caller } from '../probe/caller.js';
import { authorization } from '../probe/endpoints.js';
import { STORE_READER } from '../settings/store-exporter.js';

export interface Row {
  readonly reader: string;
  readonly tenant: string;
  readonly signal: string;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly balanced: boolean;
}

export interface DestinationResult {
  readonly reader: string;
  readonly signal: string;
  /** Milliseconds until its queue was empty; null when it was not in time. */
  readonly settledMs: number | null;
  readonly failure: string | null;
}

/** Accounts of the exporters. The store's is left out: what is not in its files yet is found by queries all the same. */
export async function fetchExporterLedger(base: string, token: string | null, timeoutMs: number, caller: Caller = PLAIN_CALLER): Promise<Row[]> {
  const response = await caller.fetch(new URL('/api/v1/ledger', base), { headers: authorization(token), signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`/api/v1/ledger answered HTTP ${response.status}`);
  return ((await response.json()) as { rows: Row[] }).rows.filter((row) => row.reader !== STORE_READER);
}

/** Reasons that people have asked for in their pipelines. */
const BY_DESIGN: ReadonlySet<string> = new Set(['not_sampled', 'sampled_out', 'filtered', 'aggregated']);

const lost = (row: Row): [reason: string, items: number][] => Object.entries(row.dropped).filter(([reason]) => !BY_DESIGN.has(reason));
const droppedOf = (row: Row): number => lost(row).reduce((sum, [, items]) => sum + items, 0);

/** Waits until every reader of the journal has taken all there is, and names those that have not or that dropped something meanwhile. */
export async function awaitDestinations(base: string, token: string | null, before: readonly Row[], timeoutMs: number, caller: Caller = PLAIN_CALLER): Promise<DestinationResult[]> {
  const started = performance.now();
  const key = (r: Row): string => `${r.reader}\n${r.tenant}\n${r.signal}`;
  const droppedBefore = new Map(before.map((r) => [key(r), droppedOf(r)]));
  const settled = new Map<string, number>();
  for (;;) {
    const rows = await fetchExporterLedger(base, token, timeoutMs, caller);
    for (const row of rows) if (row.queued === 0 && !settled.has(key(row))) settled.set(key(row), performance.now() - started);
    if (rows.every((r) => settled.has(key(r))) || performance.now() - started > timeoutMs) {
      return rows.map((r) => ({ reader: r.reader, signal: r.signal, settledMs: settled.get(key(r)) ?? null, failure: failureOf(r, droppedBefore.get(key(r)) ?? 0, settled.has(key(r))) }));
    }
    await sleep(100);
  }
}

function failureOf(row: Row, droppedBefore: number, settled: boolean): string | null {
  if (!row.balanced) return 'its account does not balance';
  if (droppedOf(row) > droppedBefore) return `it dropped items: ${lost(row).map(([reason, n]) => `${reason} ${n}`).join(', ')}`;
  return settled ? null : `${row.queued} items are still queued; is the destination reachable?`;
}

