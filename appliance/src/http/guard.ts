import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkHost } from '@signalbox/collector/security/host-check';
import type { HostPolicy } from '@signalbox/collector/security/host-check';
import type { TokenAuthenticator, Verdict } from '../auth/authenticator.js';
import { WRITE_PATHS } from './pass-on.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard for everything that is answered with data. */
    tenant: string;
  }
}

export interface GuardOptions {
  readonly auth: TokenAuthenticator;
  readonly hosts: HostPolicy;
}

/** Paths that tell nothing but whether the process lives, the page itself, which holds no data, and those whose receivers ask for the token. */
function isOpen(url: string): boolean {
  const path = url.split('?', 1)[0]!;
  if (path === '/healthz' || path === '/readyz' || WRITE_PATHS.some((write) => write === path)) return true;
  return !/^\/(api|prometheus|loki|tempo|jaeger|metrics)(\/|$)/.test(path);
}

/** Checks Host and Origin of every request, and the token of every request for data. */
export function installGuard(app: FastifyInstance, options: GuardOptions): void {
  app.decorateRequest('tenant', 'default');
  app.addHook('onRequest', async (request, reply) => {
    const refusal = checkHost(request.headers.host, request.headers.origin, options.hosts);
    if (refusal !== null) return reply.code(403).send({ error: { code: refusal.code, message: refusal.reason } });
    if (isOpen(request.url)) return undefined;
    const verdict = judge(options.auth, request);
    if ('tenant' in verdict) {
      request.tenant = verdict.tenant;
      return undefined;
    }
    const code = verdict.refused === 'unauthenticated' ? 401 : 403;
    if (code === 401) reply.header('www-authenticate', 'Bearer realm="signalbox"');
    return reply.code(code).send({ error: { code: code === 401 ? 'SBX_AUTH_TOKEN' : 'SBX_AUTH_SCOPE', message: verdict.reason } });
  });
}

function judge(auth: TokenAuthenticator, request: FastifyRequest): Verdict {
  const header = request.headers['x-scope-orgid'];
  return auth.read(request.headers.authorization, Array.isArray(header) ? header[0] : header);
}

export function tenantOf(request: FastifyRequest): string {
  return request.tenant;
}
