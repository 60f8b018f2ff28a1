import type { FastifyPluginAsync } from 'fastify';
import { failure, success } from '../answer/response.js';

/**
 * What a Prometheus answers whose administration (`--web.enable-admin-api`), lifecycle (`--web.enable-lifecycle`) and search
 * (`--enable-feature=search-api`) are off, as they are without those flags, and the notifications that it would have for its page.
 */
export const administration: FastifyPluginAsync = async (app) => {
  const unavailable = (error: string) => ({ status: 500, errorType: 'unavailable', error });
  for (const action of ['delete_series', 'clean_tombstones', 'snapshot']) {
    app.route({ method: ['POST', 'PUT'], url: `/api/v1/admin/tsdb/${action}`, handler: (_request, reply) => failure(reply, unavailable('admin APIs disabled')) });
  }
  for (const what of ['metric_names', 'label_names', 'label_values']) {
    app.route({ method: ['GET', 'POST'], url: `/api/v1/search/${what}`, handler: (_request, reply) => failure(reply, unavailable('search API disabled')) });
  }
  for (const action of ['quit', 'reload']) {
    app.route({ method: ['POST', 'PUT'], url: `/-/${action}`, handler: (_request, reply) => reply.code(403).header('content-type', TEXT).send('Lifecycle API is not enabled.') });
    app.get(`/-/${action}`, (_request, reply) => reply.code(405).header('content-type', TEXT).send('Only POST or PUT requests allowed'));
  }
  app.get('/api/v1/notifications', (_request, reply) => success(reply, []));
  // An event source that is answered so does not ask again, as where Prometheus has no place for one more.
  app.get('/api/v1/notifications/live', (_request, reply) => reply.code(204).header('content-type', 'text/event-stream').header('cache-control', 'no-cache').send());
};

const TEXT = 'text/plain; charset=utf-8';
