import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { failure } from '../../http/prometheus/answer/response.js';

/** Where a Prometheus, or what speaks its API (Mimir, Thanos, VictoriaMetrics), answers instead of our own store. */
export interface PrometheusBackend {
  /** Of the API without `/api/v1`: `http://prometheus:9090`, `http://mimir/prometheus`. */
  readonly url: string;
  /** Sent along, such as an `authorization` of its own; the client's token stays with us. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The header that names the tenant there; null where it knows none. Default null. */
  readonly tenantHeader?: string | null;
  /** A query that takes longer is ended. */
  readonly timeoutMs: number;
  /** The tenant that a request speaks for. */
  tenantOf(request: FastifyRequest): string;
}

/** Paths that are passed on, below the prefix; writing and administration are not among them. */
const PATHS = ['/api/v1/*', '/federate', '/-/healthy', '/-/ready'] as const;
const REFUSED = /^\/api\/v1\/(admin|write|otlp)(\/|$)/;

/** Headers that say something about the question; cookies, tokens and hops stay here. */
const ASKING = ['accept', 'accept-encoding', 'content-type', 'content-encoding', 'content-length', 'user-agent', 'x-prometheus-remote-read-version', 'traceparent', 'tracestate'] as const;
const HOPS = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/**
 * Prometheus' API, answered by a Prometheus: requests and answers go through unread, since the language is its own. A client that goes
 * ends the query there too. Registered in place of `prometheusApi`.
 */
export function prometheusPassThrough(backend: PrometheusBackend): FastifyPluginAsync {
  const base = new URL(backend.url);
  const secure = base.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });

  return async (app) => {
    app.addHook('onClose', () => { agent.destroy(); });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => { done(null); });
    app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => failure(reply, { status: error.statusCode ?? 500, errorType: 'internal', error: error.message }));
    for (const url of PATHS) app.route({ method: ['GET', 'POST', 'OPTIONS'], url, handler });

    function handler(request: FastifyRequest, reply: FastifyReply): unknown {
      const path = request.url.slice(app.prefix.length);
      if (REFUSED.test(path.split('?', 1)[0] ?? '')) return reply.code(404).header('content-type', 'text/plain; charset=utf-8').send('404 page not found\n');
      const headers: Record<string, string | string[]> = { ...backend.headers };
      for (const name of ASKING) {
        const value = request.headers[name];
        if (value !== undefined) headers[name] = value;
      }
      const { tenantHeader = null } = backend;
      if (tenantHeader !== null) headers[tenantHeader] = backend.tenantOf(request);
      const options: RequestOptions = { agent, method: request.method, headers, timeout: backend.timeoutMs };
      const target = `${base.href.replace(/\/$/, '')}${path}`;
      reply.hijack();
      const onward = (secure ? httpsRequest : httpRequest)(target, options, (answer) => { passBack(answer, reply); });
      onward.on('timeout', () => { onward.destroy(new BackendTimeout(backend.timeoutMs)); });
      onward.on('error', (error) => { refuse(reply, error, base); });
      reply.raw.on('close', () => { if (!reply.raw.writableFinished) onward.destroy(); });
      pipeline(request.raw, onward, () => undefined);
      return undefined;
    }
  };
}

class BackendTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`query timed out in expression evaluation: Prometheus did not answer within ${timeoutMs} ms; narrow it, or raise query.timeout`);
  }
}

function passBack(answer: IncomingMessage, reply: FastifyReply): void {
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !HOPS.has(name) && name !== 'set-cookie'));
  reply.raw.writeHead(answer.statusCode ?? 502, headers);
  pipeline(answer, reply.raw, () => undefined);
}

/** In the shape of the API, so that clients show it. */
function refuse(reply: FastifyReply, error: Error, { origin }: URL): void {
  const { raw } = reply;
  if (raw.headersSent || raw.destroyed) {
    raw.destroy();
    return;
  }
  const timeout = error instanceof BackendTimeout;
  const body = JSON.stringify({
    status: 'error', errorType: timeout ? 'timeout' : 'unavailable',
    error: timeout ? error.message : `Prometheus at ${origin} is not reached (${error.message || (error as NodeJS.ErrnoException).code || 'no answer'}); look whether it runs, and at query.metrics.prometheus.url`,
  });
  raw.writeHead(timeout ? 503 : 502, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  raw.end(body);
}
