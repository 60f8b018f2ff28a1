import { fileURLToPath } from 'node:url';
import type { Client, ClientUnaryCall, handleUnaryCall, ServiceClientConstructor, ServiceError } from '@grpc/grpc-js';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** proto/orders.proto in TypeScript. */
export interface OrderItem {
  readonly sku: string;
  readonly quantity: number;
}

export interface PlaceOrderRequest {
  readonly customer: string;
  readonly items: readonly OrderItem[];
}

export interface PlaceOrderReply {
  readonly orderId: string;
  readonly amountCents: number;
}

export interface OrdersHandlers {
  readonly [method: string]: handleUnaryCall<PlaceOrderRequest, PlaceOrderReply>;
  readonly placeOrder: handleUnaryCall<PlaceOrderRequest, PlaceOrderReply>;
}

export interface OrdersClient extends Client {
  placeOrder(request: PlaceOrderRequest, options: { readonly deadline: number }, done: (error: ServiceError | null, reply?: PlaceOrderReply) => void): ClientUnaryCall;
}

/** The service for a server, and the class that its clients are made of. */
export function loadOrders(): ServiceClientConstructor {
  const file = fileURLToPath(new URL('../../proto/orders.proto', import.meta.url));
  const { shop } = loadPackageDefinition(loadSync(file, { defaults: true }));
  if (shop === undefined || !('Orders' in shop) || typeof shop.Orders !== 'function') throw new Error(`${file} has no service shop.Orders`);
  return shop.Orders as ServiceClientConstructor;
}
