import type { Pool } from 'pg';
import type { Logger } from 'winston';
import { FULL_STOCK } from './products.js';

const DELIVERY_INTERVAL_MS = 20_000;
/** Below this, the warehouse delivers. */
const REORDER_LEVEL = 200;

/** Fills the stock up and keeps the database small, again and again. Answers how to end it. */
export function startDeliveries(pool: Pool, logger: Logger): () => void {
  const timer = setInterval(() => {
    deliver(pool, logger).catch((error: unknown) => logger.error('the warehouse could not deliver', { error }));
  }, DELIVERY_INTERVAL_MS);
  return () => clearInterval(timer);
}

async function deliver(pool: Pool, logger: Logger): Promise<void> {
  const { rows } = await pool.query<{ sku: string }>('UPDATE stock SET quantity = $1 WHERE quantity < $2 RETURNING sku', [FULL_STOCK, REORDER_LEVEL]);
  for (const { sku } of rows) logger.info('stock delivered', { sku, quantity: FULL_STOCK });
  await pool.query("DELETE FROM reservations WHERE reserved_at < now() - interval '5 minutes'");
  // The embedded PostgreSQL has neither autovacuum nor a checkpointer; without these its files would grow for ever.
  await pool.query('VACUUM stock, reservations');
  await pool.query('CHECKPOINT');
}
