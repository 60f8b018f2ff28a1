export interface Charge {
  readonly orderId: string;
  readonly customer: string;
  readonly amountCents: number;
}

/** The answer to a charge that was declined (402). */
export interface Declined {
  readonly error: 'payment_declined';
  readonly reason: string;
}

export function isCharge(value: unknown): value is Charge {
  return typeof value === 'object' && value !== null
    && 'orderId' in value && typeof value.orderId === 'string'
    && 'customer' in value && typeof value.customer === 'string'
    && 'amountCents' in value && Number.isSafeInteger(value.amountCents);
}

export function isDeclined(value: unknown): value is Declined {
  return typeof value === 'object' && value !== null && 'reason' in value && typeof value.reason === 'string';
}
