import type { FastifyInstance } from 'fastify';
import type { RoleStatus } from '../launcher/messages.js';
import { instrumentLine } from '../local/instrument-line.js';

export interface StatusSource {
  readonly version: string;
  readonly dataDir: string;
  readonly startedAtMs: number;
  readonly roles: () => readonly RoleStatus[];
  /** Journal position that receivers made durable, and the one that queries see. */
  readonly positions: () => { readonly durable: number; readonly reached: number };
  readonly store: () => unknown;
}

/** What a protocol is for, as people say it. */
const PURPOSE: Readonly<Record<string, string>> = {
  'otlp/grpc': 'OTLP over gRPC', 'otlp/http': 'OTLP over HTTP', 'http': 'console, query APIs, health',
};

/** `GET /api/v1/status`: version, roles, what listens where, how far queries are behind. */
export function registerStatus(app: FastifyInstance, source: StatusSource): void {
  app.get('/api/v1/status', async () => {
    const { durable, reached } = source.positions();
    const roles = source.roles();
    return {
      version: source.version,
      node: process.version,
      dataDirectory: source.dataDir,
      startedAt: new Date(source.startedAtMs).toISOString(),
      now: new Date().toISOString(),
      roles: roles.map(({ role, state, pid, restarts, lastFailure, sinceMs }) => ({
        name: role, state: state === 'ready' ? 'running' : state === 'restarting' ? 'starting' : state, pid, restarts, since: new Date(sinceMs).toISOString(), lastFailure,
      })),
      listeners: roles.flatMap((r) => r.endpoints).map((e) => ({ name: e.protocol, address: e.address, what: PURPOSE[e.protocol] ?? e.protocol, tls: e.tls ?? false })),
      journal: { durable, reached, behindBytes: Math.max(0, durable - reached) },
      instrument: instrumentLine(roles.flatMap((r) => r.endpoints)),
      store: source.store(),
    };
  });
}
