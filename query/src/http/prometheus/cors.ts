import type { FastifyInstance } from 'fastify';
import { joinVary } from './compression.js';

/**
 * Prometheus' CORS headers. The origin is echoed rather than `*`: which origins get here at all is decided before (the appliance
 * refuses those that are neither its own nor in `serve.allowed_origins`). Pages are let at `api/v1` alone.
 */
export function answerCors(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.includes('/api/v1/')) return;
    reply.header('vary', joinVary(reply.getHeader('vary'), 'Origin'));
    const { origin } = request.headers;
    if (origin === undefined || origin === '') return;
    reply.headers({
      'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-expose-headers': 'Date',
      'access-control-allow-origin': origin,
    });
  });
}
