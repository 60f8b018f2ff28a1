import express from 'express';
import type { ErrorRequestHandler, Express } from 'express';
import type { Pool } from 'pg';
import type { Logger } from 'winston';
import { isReservationRequest } from './reservation.js';
import { findStock, listStock, OutOfStock, release, reserve } from './stock.js';

export function createApi(pool: Pool, logger: Logger): Express {
  const api = express();
  api.use(express.json());

  api.get('/stock', async (_request, response) => {
    response.json(await listStock(pool));
  });

  api.get('/stock/:sku', async (request, response) => {
    const level = await findStock(pool, request.params.sku);
    if (level === undefined) response.status(404).json({ error: 'unknown_product' });
    else response.json(level);
  });

  api.post('/reservations', async (request, response) => {
    const body: unknown = request.body;
    if (!isReservationRequest(body)) {
      response.status(400).json({ error: 'not_a_reservation' });
      return;
    }
    const reserved = await reserve(pool, body);
    logger.info('stock reserved', { order_id: body.orderId, items: body.items.length, amount: reserved.amountCents / 100 });
    response.status(201).json(reserved);
  });

  api.delete('/reservations/:orderId', async (request, response) => {
    await release(pool, request.params.orderId);
    logger.info('stock released', { order_id: request.params.orderId });
    response.status(204).end();
  });

  const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    if (error instanceof OutOfStock) {
      logger.warn(error.message, { sku: error.sku });
      response.status(409).json({ error: 'out_of_stock', sku: error.sku });
      return;
    }
    logger.error('the request failed', { error });
    response.status(500).json({ error: 'internal' });
  };
  api.use(onError);
  return api;
}
