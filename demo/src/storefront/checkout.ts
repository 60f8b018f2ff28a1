import type { PlaceOrderRequest } from '../orders/contract.js';
import { isOrderItem } from '../inventory/reservation.js';

export function isCheckout(value: unknown): value is PlaceOrderRequest {
  return typeof value === 'object' && value !== null
    && 'customer' in value && typeof value.customer === 'string'
    && 'items' in value && Array.isArray(value.items) && value.items.length > 0 && value.items.every(isOrderItem);
}
