import type { FastifyInstance } from 'fastify';
import { readLedger } from '@signalbox/journal/ledger';
import type { LedgerRow } from '@signalbox/journal/ledger';
import type { StoreStats } from '@signalbox/store/store';

/** The ledger as JSON: bigint as string, the rest as it stands. */
export function ledgerJson(rows: readonly LedgerRow[]): unknown[] {
  return rows.map((row) => ({ ...row, oldestQueuedNs: row.oldestQueuedNs === null ? null : String(row.oldestQueuedNs) }));
}

export interface LedgerOptions {
  readonly journalDir: string;
  /** The only tenant that a request may see; null for all. */
  tenantSeen(tenant: string): string | null;
  /** What retention took of what the store had been given. */
  retainedOut(): StoreStats['retainedOut'];
}

/**
 * `GET /api/v1/ledger`: accepted = delivered + queued + dropped by reason, for each reader, tenant and signal, and what retention took
 * from the store since. A token sees its own tenant; files hold the rows of several, so what retention took is told to those who see all.
 */
export function registerLedger(app: FastifyInstance, { journalDir, tenantSeen, retainedOut }: LedgerOptions): void {
  app.get('/api/v1/ledger', async (request) => {
    const only = tenantSeen(request.tenant);
    const rows = (await readLedger(journalDir)).filter((row) => only === null || row.tenant === only);
    return { balanced: rows.every((r) => r.balanced), rows: ledgerJson(rows), ...(only === null ? { retainedOut: retainedOut() } : {}) };
  });
}
