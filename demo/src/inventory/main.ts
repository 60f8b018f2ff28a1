import pg from 'pg';
import { serveHttp } from '../http.js';
import { createLogger } from '../logger.js';
import { requiredEnv, runService } from '../service.js';
import { createApi } from './api.js';
import { registerStockGauge } from './metrics.js';
import { createTables } from './stock.js';
import { startDeliveries } from './warehouse.js';

/** The embedded PostgreSQL has one session: statements of several connections would get into each other's way. */
const MAX_CONNECTIONS = 1;

await runService(async () => {
  const logger = createLogger();
  const pool = new pg.Pool({ connectionString: requiredEnv('DATABASE_URL'), max: MAX_CONNECTIONS });
  pool.on('error', (error) => logger.warn('a connection to the database broke', { error }));
  await createTables(pool);
  registerStockGauge(pool);
  const endDeliveries = startDeliveries(pool, logger);
  const server = await serveHttp(createApi(pool, logger));
  return {
    address: server.address,
    async close() {
      endDeliveries();
      await server.close();
      await pool.end();
    },
  };
});
