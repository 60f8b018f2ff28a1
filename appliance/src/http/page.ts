import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** The console's built files, and its page for every other path that a browser asks for. */
export async function registerPage(app: FastifyInstance, directory: string): Promise<void> {
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.header(name, value);
  });
  const built = existsSync(join(directory, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, { root: directory, maxAge: 0, setHeaders: (response, path) => {
      // Vite puts a hash of the content into the names below assets/.
      if (path.includes('/assets/')) response.setHeader('cache-control', 'public, max-age=31536000, immutable');
    } });
  }
  app.setNotFoundHandler((request, reply) => {
    const page = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (page && built) return reply.type('text/html').sendFile('index.html');
    if (page) return reply.code(503).type('text/plain').send('The console is not built: run `npm run build`. The APIs work.\n');
    return reply.code(404).send({ error: { code: 'SBX_HTTP_NOT_FOUND', message: `there is nothing at ${request.method} ${request.url.split('?', 1)[0]}; the APIs are under /prometheus, /loki, /tempo, /jaeger and /api/v1` } });
  });
}
