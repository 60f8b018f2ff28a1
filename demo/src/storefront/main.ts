import { serveHttp } from '../http.js';
import { createLogger } from '../logger.js';
import { requiredEnv, runService } from '../service.js';
import { createApp } from './app.js';
import { connectOrders } from './orders.js';

await runService(async () => {
  const orders = connectOrders(requiredEnv('ORDERS_ADDRESS'));
  const server = await serveHttp(createApp(orders, requiredEnv('INVENTORY_URL'), createLogger()));
  return {
    address: server.address,
    async close() {
      await server.close();
      orders.close();
    },
  };
});
