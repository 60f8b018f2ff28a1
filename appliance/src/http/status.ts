import type { FastifyInstance } from 'fastify';
import type { RoleStatus } from '../launcher/messages.js';

export interface StatusSource {
  readonly version: string;
  readonly dataDir: string;
  readonly startedAtMs: number;
  readonly roles: () => readonly RoleStatus[];
  /** Journal position that receivers made durable, and the one that queries see. */
  readonly positions: () => { readonly durable: number; readonly reached: number };
  readonly store: () => unknown;
}

/** `GET /api/v1/status`: version, roles, what listens where, how far queries are behind. */
export function registerStatus(app: FastifyInstance, source: StatusSource): void {
  app.get('/api/v1/status', async () => {
    const { durable, reached } = source.positions();
    return {
      version: source.version,
      node: process.version,
      dataDir: source.dataDir,
      startedAt: new Date(source.startedAtMs).toISOString(),
      nowMs: Date.now(),
      roles: source.roles().map(({ role, state, pid, restarts, lastFailure, endpoints }) => ({ role, state, pid, restarts, lastFailure, endpoints })),
      journal: { durable, reached, behindBytes: Math.max(0, durable - reached) },
      store: source.store(),
    };
  });
}
