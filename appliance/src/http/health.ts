import type { FastifyInstance } from 'fastify';
import type { RoleStatus } from '../launcher/messages.js';

/** `/healthz`: this process answers. `/readyz`: every role is ready; 503 names those that are not. */
export function registerHealth(app: FastifyInstance, roles: () => readonly RoleStatus[]): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    // The serve role itself answers, so it is ready even before the launcher has said so.
    const waiting = roles().filter((r) => r.role !== 'serve' && r.state !== 'ready');
    if (waiting.length > 0) reply.code(503);
    return {
      status: waiting.length > 0 ? 'not ready' : 'ready',
      waiting: waiting.map((r) => ({ role: r.role, state: r.state, failure: r.lastFailure })),
    };
  });
}
