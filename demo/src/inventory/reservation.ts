import type { OrderItem } from '../orders/contract.js';

export interface ReservationRequest {
  readonly orderId: string;
  readonly items: readonly OrderItem[];
}

export interface Reserved {
  readonly amountCents: number;
}

export function isReservationRequest(value: unknown): value is ReservationRequest {
  return typeof value === 'object' && value !== null
    && 'orderId' in value && typeof value.orderId === 'string'
    && 'items' in value && Array.isArray(value.items) && value.items.every(isOrderItem);
}

export function isReserved(value: unknown): value is Reserved {
  return typeof value === 'object' && value !== null && 'amountCents' in value && typeof value.amountCents === 'number';
}

export function isOrderItem(value: unknown): value is OrderItem {
  return typeof value === 'object' && value !== null
    && 'sku' in value && typeof value.sku === 'string'
    && 'quantity' in value && typeof value.quantity === 'number' && Number.isInteger(value.quantity) && value.quantity > 0;
}
