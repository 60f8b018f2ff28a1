import type { FastifyInstance } from 'fastify';
import { readLedger } from '@signalbox/journal/ledger';
import type { LedgerRow } from '@signalbox/journal/ledger';

/** The ledger as JSON: bigint as string, the rest as it stands. */
export function ledgerJson(rows: readonly LedgerRow[]): unknown[] {
  return rows.map((row) => ({ ...row, oldestQueuedNs: row.oldestQueuedNs === null ? null : String(row.oldestQueuedNs) }));
}

/** `GET /api/v1/ledger`: accepted = delivered + queued + dropped by reason, for each reader, tenant and signal. A token sees its own tenant. */
export function registerLedger(app: FastifyInstance, journalDir: string, tenantSeen: (tenant: string) => string | null): void {
  app.get('/api/v1/ledger', async (request) => {
    const only = tenantSeen(request.tenant);
    const rows = (await readLedger(journalDir)).filter((row) => only === null || row.tenant === only);
    return { balanced: rows.every((r) => r.balanced), rows: ledgerJson(rows) };
  });
}
