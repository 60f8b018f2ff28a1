import type { handleUnaryCall } from '@grpc/grpc-js';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { createLogger } from '../logger.js';
import type { RunningService } from '../service.js';
import { requiredEnv, runService } from '../service.js';
import type { OrdersHandlers, PlaceOrderReply, PlaceOrderRequest } from './contract.js';
import { loadOrders } from './contract.js';
import { createOrdersTotal } from './metrics.js';
import { OrderNotPlaced, placeOrder } from './place-order.js';

const CODES = { out_of_stock: status.OUT_OF_RANGE, declined: status.FAILED_PRECONDITION, failed: status.INTERNAL } as const;

await runService(async (): Promise<RunningService> => {
  const logger = createLogger();
  const ordersTotal = createOrdersTotal();
  const peers = { inventoryUrl: requiredEnv('INVENTORY_URL'), paymentsUrl: requiredEnv('PAYMENTS_URL') };

  const handlePlaceOrder: handleUnaryCall<PlaceOrderRequest, PlaceOrderReply> = async ({ request }, done) => {
    try {
      const reply = await placeOrder(request, peers, logger);
      ordersTotal.inc({ status: 'placed' });
      done(null, reply);
    } catch (error) {
      const reason = error instanceof OrderNotPlaced ? error.status : 'failed';
      ordersTotal.inc({ status: reason });
      const message = error instanceof Error ? error.message : String(error);
      logger.warn(`order not placed: ${message}`, { order_id: error instanceof OrderNotPlaced ? error.orderId : undefined, customer: request.customer, error });
      done({ code: CODES[reason], details: message });
    }
  };

  const server = new Server();
  server.addService(loadOrders().service, { placeOrder: handlePlaceOrder } satisfies OrdersHandlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return {
    address: `127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
});
