import { Counter } from 'prom-client';

export function createOrdersTotal(): Counter<'status'> {
  return new Counter({ name: 'orders_total', help: 'Orders by how they ended', labelNames: ['status'] });
}
