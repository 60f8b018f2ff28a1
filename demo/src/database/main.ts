import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { runService } from '../service.js';

/** More than the inventory's pool opens. */
const MAX_CONNECTIONS = 8;

/** PostgreSQL in memory, spoken to over its own protocol. Not one of the instrumented services. */
await runService(async () => {
  // Five rows need no more; the default of 128 MB is held from the start.
  const database = await PGlite.create({ postgresqlconf: ['shared_buffers = 4MB'] });
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS });
  await server.start();
  return {
    address: `postgresql://postgres@${server.getServerConn()}/postgres?sslmode=disable`,
    async close() {
      await server.stop();
      await database.close();
    },
  };
});
