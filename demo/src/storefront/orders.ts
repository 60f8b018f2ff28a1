import { credentials } from '@grpc/grpc-js';
import type { OrdersClient, PlaceOrderReply, PlaceOrderRequest } from '../orders/contract.js';
import { loadOrders } from '../orders/contract.js';

const DEADLINE_MS = 5_000;

export interface Orders {
  /** @throws ServiceError */
  place(request: PlaceOrderRequest): Promise<PlaceOrderReply>;
  close(): void;
}

export function connectOrders(address: string): Orders {
  const Client = loadOrders();
  const client = new Client(address, credentials.createInsecure()) as unknown as OrdersClient;
  return {
    place: (request) => new Promise((resolve, reject) => {
      client.placeOrder(request, { deadline: Date.now() + DEADLINE_MS }, (error, reply) => {
        if (error !== null || reply === undefined) reject(error ?? new Error('orders answered nothing'));
        else resolve(reply);
      });
    }),
    close: () => client.close(),
  };
}
