import express from 'express';
import type { ErrorRequestHandler, Express } from 'express';
import type { Logger } from 'winston';
import { isCheckout } from './checkout.js';
import { createCheckoutDuration } from './metrics.js';
import type { Orders } from './orders.js';

export function createApp(orders: Orders, inventoryUrl: string, logger: Logger): Express {
  const checkoutDuration = createCheckoutDuration();
  const app = express();
  app.use(express.json());

  app.get('/products', async (_request, response) => {
    response.json(await (await fetch(`${inventoryUrl}/stock`)).json());
  });

  app.get('/products/:sku', async (request, response) => {
    const answer = await fetch(`${inventoryUrl}/stock/${encodeURIComponent(request.params.sku)}`);
    response.status(answer.status).json(await answer.json());
  });

  app.post('/checkout', async (request, response) => {
    const body: unknown = request.body;
    if (!isCheckout(body)) {
      response.status(400).json({ error: 'not_a_checkout' });
      return;
    }
    const end = checkoutDuration.startTimer();
    try {
      const { orderId, amountCents } = await orders.place(body);
      end({ outcome: 'ok' });
      logger.info('checkout done', { order_id: orderId, customer: body.customer, amount: amountCents / 100, currency: 'EUR' });
      response.status(201).json({ orderId, amount: amountCents / 100, currency: 'EUR' });
    } catch (error) {
      end({ outcome: 'error' });
      const reason = error instanceof Error ? error.message : String(error);
      logger.error(`checkout failed: ${reason}`, { customer: body.customer, items: body.items.length, error });
      response.status(502).json({ error: 'checkout_failed' });
    }
  });

  const onError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    logger.error('the request failed', { method: request.method, path: request.path, error });
    response.status(500).json({ error: 'internal' });
  };
  app.use(onError);
  return app;
}
