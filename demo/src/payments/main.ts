import type { ServerResponse } from 'node:http';
import { createLogger } from '../logger.js';
import { readJson, serveHttp } from '../http.js';
import { runService } from '../service.js';
import type { Charge, Declined } from './charge.js';
import { isCharge } from './charge.js';
import { authorize, PaymentDeclined } from './provider.js';

/** Longer than this, a charge is worth a warning. */
const SLOW_CHARGE_MS = 500;

const logger = createLogger();

await runService(() => serveHttp(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/charges') {
    answer(response, 404, { error: 'not_found' });
    return;
  }
  const charge = await readJson(request).catch(() => undefined);
  if (isCharge(charge)) await take(charge, response);
  else answer(response, 400, { error: 'not_a_charge' });
}));

async function take(charge: Charge, response: ServerResponse): Promise<void> {
  const fields = { order_id: charge.orderId, customer: charge.customer, amount: charge.amountCents / 100, currency: 'EUR' };
  try {
    const { tookMs } = await authorize();
    if (tookMs > SLOW_CHARGE_MS) logger.warn(`the payment provider took ${tookMs} ms`, { ...fields, duration_ms: tookMs });
    logger.info('payment authorized', fields);
    answer(response, 201, { status: 'authorized' });
  } catch (error) {
    if (error instanceof PaymentDeclined) {
      logger.error(error.message, { ...fields, error });
      answer(response, 402, { error: 'payment_declined', reason: error.message } satisfies Declined);
    } else {
      logger.error('the payment failed', { ...fields, error });
      answer(response, 500, { error: 'internal' });
    }
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
