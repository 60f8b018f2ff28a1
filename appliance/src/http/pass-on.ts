import { Agent, request as send } from 'node:http';
import { pipeline } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Paths of the original servers that write; the process that appends to the journal answers them. */
export const WRITE_PATHS = ['/prometheus/api/v1/write', '/prometheus/api/v1/otlp/v1/metrics', '/loki/api/v1/push'] as const;

const RETRY_AFTER_S = '1';
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Passes requests on over the receive role's local socket, unread: body, status and headers go through as they are. */
export async function registerPassOn(app: FastifyInstance, socketPath: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  app.addHook('onClose', () => agent.destroy());
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const path of WRITE_PATHS) {
      scope.post(path, (request, reply) => {
        reply.hijack();
        const onward = send({ socketPath, agent, method: 'POST', path: request.url, headers: endToEnd(request.headers) }, (answer) => {
          reply.raw.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
          pipeline(answer, reply.raw, () => undefined);
        });
        onward.on('error', (error) => {
          if (reply.raw.headersSent) return void reply.raw.destroy();
          reply.raw.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': RETRY_AFTER_S });
          reply.raw.end(`the process that takes data in is not reached (${error.message}); it is being restarted, send again\n`);
        });
        pipeline(request.raw, onward, () => undefined);
      });
    }
  });
}

function endToEnd<V>(headers: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
