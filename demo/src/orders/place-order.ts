import { randomUUID } from 'node:crypto';
import type { Logger } from 'winston';
import { jsonRequest } from '../http.js';
import type { ReservationRequest, Reserved } from '../inventory/reservation.js';
import { isReserved } from '../inventory/reservation.js';
import type { Charge } from '../payments/charge.js';
import { isDeclined } from '../payments/charge.js';
import type { PlaceOrderReply, PlaceOrderRequest } from './contract.js';

export interface Peers {
  readonly inventoryUrl: string;
  readonly paymentsUrl: string;
}

/** Why an order was not placed: `refused` is the customer's affair, `failed` ours. */
export class OrderNotPlaced extends Error {
  override readonly name = 'OrderNotPlaced';

  constructor(readonly status: 'out_of_stock' | 'declined' | 'failed', message: string, readonly orderId: string) {
    super(message);
  }
}

/** Reserves, charges, and puts back what it reserved when the charge does not go through. @throws OrderNotPlaced */
export async function placeOrder({ customer, items }: PlaceOrderRequest, peers: Peers, logger: Logger): Promise<PlaceOrderReply> {
  const orderId = randomUUID();
  const { amountCents } = await reserve({ orderId, items }, peers);
  try {
    await charge({ orderId, customer, amountCents }, peers);
  } catch (error) {
    await release(orderId, peers).catch((cause: unknown) => logger.error('what was reserved could not be put back', { order_id: orderId, error: cause }));
    throw error;
  }
  logger.info('order placed', { order_id: orderId, customer, items: items.length, amount: amountCents / 100, currency: 'EUR' });
  return { orderId, amountCents };
}

async function reserve(request: ReservationRequest, { inventoryUrl }: Peers): Promise<Reserved> {
  const response = await fetch(`${inventoryUrl}/reservations`, jsonRequest('POST', request));
  const body: unknown = await response.json();
  if (response.status === 409) throw new OrderNotPlaced('out_of_stock', 'not enough in stock', request.orderId);
  if (!response.ok || !isReserved(body)) throw new OrderNotPlaced('failed', `the inventory answered ${response.status}`, request.orderId);
  return body;
}

async function charge(charge: Charge, { paymentsUrl }: Peers): Promise<void> {
  const response = await fetch(`${paymentsUrl}/charges`, jsonRequest('POST', charge));
  const body: unknown = await response.json();
  if (response.status === 402 && isDeclined(body)) throw new OrderNotPlaced('declined', body.reason, charge.orderId);
  if (!response.ok) throw new OrderNotPlaced('failed', `payments answered ${response.status}`, charge.orderId);
}

async function release(orderId: string, { inventoryUrl }: Peers): Promise<void> {
  const response = await fetch(`${inventoryUrl}/reservations/${orderId}`, { method: 'DELETE' });
  if (!response.ok) throw new Error(`the inventory answered ${response.status}`);
}
