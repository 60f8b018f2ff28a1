import type { Pool, PoolClient } from 'pg';
import { FULL_STOCK, PRODUCTS } from './products.js';
import type { ReservationRequest, Reserved } from './reservation.js';

export interface StockLevel {
  readonly sku: string;
  readonly name: string;
  readonly price_cents: number;
  readonly quantity: number;
}

export class OutOfStock extends Error {
  override readonly name = 'OutOfStock';

  constructor(readonly sku: string) {
    super(`not enough in stock: ${sku}`);
  }
}

export async function createTables(pool: Pool): Promise<void> {
  await pool.query('CREATE TABLE stock (sku text PRIMARY KEY, name text NOT NULL, price_cents integer NOT NULL, quantity integer NOT NULL CHECK (quantity >= 0))');
  await pool.query('CREATE TABLE reservations (order_id uuid, sku text, quantity integer NOT NULL, reserved_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (order_id, sku))');
  for (const { sku, name, priceCents } of PRODUCTS) {
    await pool.query('INSERT INTO stock (sku, name, price_cents, quantity) VALUES ($1, $2, $3, $4)', [sku, name, priceCents, FULL_STOCK]);
  }
}

export async function listStock(pool: Pool): Promise<readonly StockLevel[]> {
  return (await pool.query<StockLevel>('SELECT sku, name, price_cents, quantity FROM stock ORDER BY sku')).rows;
}

export async function findStock(pool: Pool, sku: string): Promise<StockLevel | undefined> {
  return (await pool.query<StockLevel>('SELECT sku, name, price_cents, quantity FROM stock WHERE sku = $1', [sku])).rows[0];
}

/** Takes all items out of the stock, or none. @throws OutOfStock */
export async function reserve(pool: Pool, { orderId, items }: ReservationRequest): Promise<Reserved> {
  return inTransaction(pool, async (client) => {
    let amountCents = 0;
    for (const { sku, quantity } of items) {
      const { rows } = await client.query<{ price_cents: number }>(
        'UPDATE stock SET quantity = quantity - $2 WHERE sku = $1 AND quantity >= $2 RETURNING price_cents', [sku, quantity],
      );
      if (rows[0] === undefined) throw new OutOfStock(sku);
      amountCents += rows[0].price_cents * quantity;
      await client.query('INSERT INTO reservations (order_id, sku, quantity) VALUES ($1, $2, $3)', [orderId, sku, quantity]);
    }
    return { amountCents };
  });
}

/** Puts back what was reserved for an order. */
export async function release(pool: Pool, orderId: string): Promise<void> {
  await pool.query(
    'WITH released AS (DELETE FROM reservations WHERE order_id = $1 RETURNING sku, quantity) UPDATE stock SET quantity = stock.quantity + released.quantity FROM released WHERE stock.sku = released.sku',
    [orderId],
  );
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
