import type { FastifyInstance } from 'fastify';
import { exposeSnapshot, mergeSnapshots } from '@signalbox/collector/telemetry/metrics';
import type { MetricsSnapshot } from '@signalbox/collector/telemetry/metrics';
import type { RoleStatus } from '../launcher/messages.js';

/** `GET /metrics`: what all roles counted, in Prometheus' text format. Other roles' figures are a second old at most. */
export function registerMetrics(app: FastifyInstance, roles: () => readonly RoleStatus[], own: () => MetricsSnapshot): void {
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(exposeSnapshot(allMetrics(roles, own))));
}

/** What all roles counted, this one's own by `own`. */
export function allMetrics(roles: () => readonly RoleStatus[], own: () => MetricsSnapshot): MetricsSnapshot {
  const others = roles().flatMap((r) => (r.role === 'serve' || r.metrics === null ? [] : [r.metrics]));
  return mergeSnapshots([own(), ...others]);
}
