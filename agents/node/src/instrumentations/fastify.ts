import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { FastifyOtelInstrumentation } from '@fastify/otel';

type Fastify = Parameters<ReturnType<FastifyOtelInstrumentation['plugin']>>[0];

/**
 * Instruments each Fastify instance when it announces itself (diagnostics channel `fastify.initialization`), with
 * @fastify/otel, which is loaded with the first one. One span for the request with its route and one for the handler;
 * the many lifecycle hooks have none.
 */
export function instrumentFastify(): void {
  let instrumentation: FastifyOtelInstrumentation | undefined;
  subscribe('fastify.initialization', (message) => {
    if (!isInitialization(message)) return;
    instrumentation ??= load();
    instrumentation.plugin()(message.fastify, {}, () => {});
  });
}

function load(): FastifyOtelInstrumentation {
  // Within the synchronous announcement; an import would come too late for the first instance.
  const module: { readonly FastifyOtelInstrumentation: typeof FastifyOtelInstrumentation } = createRequire(import.meta.url)('@fastify/otel');
  return new module.FastifyOtelInstrumentation({ instrumentHooks: false });
}

function isInitialization(message: unknown): message is { readonly fastify: Fastify } {
  return typeof message === 'object' && message !== null && 'fastify' in message;
}
