import type { FastifyInstance } from 'fastify';
import { exposeSnapshot, mergeSnapshots } from '@signalbox/collector/telemetry/metrics';
import type { MetricsSnapshot } from '@signalbox/collector/telemetry/metrics';
import type { RoleStatus } from '../launcher/messages.js';

/** `GET /metrics`: what all roles counted, in Prometheus' text format. Other roles' figures are a second old at most. */
export function registerMetrics(app: FastifyInstance, roles: () => readonly RoleStatus[], own: () => MetricsSnapshot): void {
  app.get('/metrics', async (_request, reply) => {
    const others = roles().flatMap((r) => (r.role === 'serve' || r.metrics === null ? [] : [r.metrics]));
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(exposeSnapshot(mergeSnapshots([own(), ...others])));
  });
}
