import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { Attributes, Span } from '@opentelemetry/api';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';

interface Request {
  /** Its `url` is undefined where no route matched. */
  readonly routeOptions?: { readonly url?: string | undefined };
}

interface Reply {
  readonly raw: ServerResponse;
}

type Handler = (this: unknown, request: Request, reply: Reply, ...more: unknown[]) => unknown;

interface RouteOptions {
  readonly url: string;
  handler: Handler;
}

/** What is used of a Fastify instance. */
interface Fastify {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
  addHook(name: 'onRequest', hook: (request: Request, reply: Reply, done: () => void) => void): unknown;
  addHook(name: 'onError', hook: (request: Request, reply: Reply, error: unknown, done: () => void) => void): unknown;
}

/**
 * Instruments each Fastify instance, 4 or 5, when it announces itself (diagnostics channel `fastify.initialization`),
 * through its own hooks: the request's route, and a span for the handler of a route, with the exception that it fails
 * with. Hooks and plugins have no spans.
 */
export function instrumentFastify(version: string): void {
  const tracer = trace.getTracer('@signalbox/agent/fastify', version);
  /** By request; an error reaches Fastify after its handler. */
  const spans = new WeakMap<Request, Span>();

  const traced = (handler: Handler, route: string): Handler =>
    function (request, reply, ...more) {
      const parent = context.active();
      if (trace.getSpan(parent)?.isRecording() !== true) return handler.call(this, request, reply, ...more);
      const attributes: Attributes = { 'http.route': route, 'fastify.type': 'request-handler' };
      const span = tracer.startSpan(`request handler - ${route}`, { attributes }, parent);
      spans.set(request, span);
      reply.raw.once('close', () => span.end());
      return context.with(trace.setSpan(parent, span), () => handler.call(this, request, reply, ...more));
    };

  subscribe('fastify.initialization', (message) => {
    if (!isInitialization(message)) return;
    const { fastify } = message;
    fastify.addHook('onRoute', (route) => {
      route.handler = traced(route.handler, withoutLastSlash(route.url));
    });
    fastify.addHook('onRequest', (request, _reply, done) => {
      const metadata = getRPCMetadata(context.active());
      const url = request.routeOptions?.url;
      if (metadata?.type === RPCType.HTTP && url !== undefined) metadata.route = withoutLastSlash(url);
      done();
    });
    fastify.addHook('onError', (request, _reply, error, done) => {
      const span = spans.get(request) ?? trace.getActiveSpan();
      span?.recordException(error instanceof Error ? error : String(error));
      span?.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      done();
    });
  });
}

function withoutLastSlash(url: string): string {
  return url.length > 1 ? url.replace(/\/+$/, '') : url;
}

function isInitialization(message: unknown): message is { readonly fastify: Fastify } {
  return typeof message === 'object' && message !== null && 'fastify' in message;
}
