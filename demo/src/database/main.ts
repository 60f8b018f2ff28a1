import { rm } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { runService } from '../service.js';
import { createCluster } from './cluster.js';

/** More than the inventory's pool opens. */
const MAX_CONNECTIONS = 8;
/** Five rows need no more, and the next run begins anew. */
const SETTINGS = ['shared_buffers = 4MB', 'fsync = off', 'max_wal_size = 32MB', 'min_wal_size = 32MB'];

/** PostgreSQL, embedded, spoken to over its own protocol. Not one of the instrumented services. */
await runService(async () => {
  const ended = new AbortController();
  process.once('disconnect', () => ended.abort());
  const dir = await createCluster(ended.signal);
  const database = await PGlite.create({ dataDir: dir, postgresqlconf: SETTINGS });
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS });
  await server.start();
  return {
    address: `postgresql://postgres@${server.getServerConn()}/postgres?sslmode=disable`,
    async close() {
      await server.stop();
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
});
