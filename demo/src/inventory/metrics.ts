import type { Pool } from 'pg';
import { Gauge } from 'prom-client';
import { listStock } from './stock.js';

/** The level of each product, read when somebody collects. */
export function registerStockGauge(pool: Pool): void {
  new Gauge({
    name: 'inventory_stock',
    help: 'Items in stock',
    labelNames: ['sku'],
    async collect() {
      for (const { sku, quantity } of await listStock(pool)) this.set({ sku }, quantity);
    },
  });
}
