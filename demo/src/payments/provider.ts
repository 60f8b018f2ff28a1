import { setTimeout as sleep } from 'node:timers/promises';
import { between, happens, oneOf } from '../random.js';
import { DECLINE_REASONS, DECLINED_SHARE, SLOW_MS, SLOW_SHARE, USUAL_MS } from '../shares.js';

export class PaymentDeclined extends Error {
  override readonly name = 'PaymentDeclined';

  constructor(readonly reason: string) {
    super(`card declined: ${reason}`);
  }
}

/** Stands for the bank behind the shop: sometimes slow, sometimes unwilling. @throws PaymentDeclined */
export async function authorize(): Promise<{ readonly tookMs: number }> {
  const tookMs = Math.round(between(happens(SLOW_SHARE) ? SLOW_MS : USUAL_MS));
  await sleep(tookMs);
  if (happens(DECLINED_SHARE)) throw new PaymentDeclined(oneOf(DECLINE_REASONS));
  return { tookMs };
}
