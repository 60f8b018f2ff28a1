import { isLoopbackHost } from '@signalbox/collector/security/loopback';
import { ApplianceError } from '../errors.js';

/** Host part of `host:port`, `[::1]:port` or `:port` (all addresses, as in the Collector's configuration). */
export function hostOf(endpoint: string): string {
  const match = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(endpoint);
  const host = match?.[1] ?? endpoint;
  return host === '' ? '0.0.0.0' : host.replace(/^\[|\]$/g, '');
}

/**
 * Whether tokens are demanded, from what listens where.
 * `dataDir` is where tokens are kept, for what is said.
 * @throws ApplianceError SBX_AUTH_REQUIRED when something would be open to others and there is no token at all.
 */
export function decideAuthentication(wish: { endpoints: readonly string[]; required: boolean; tokens: number; dataDir?: string }): boolean {
  const create = `npx signalbox token create${wish.dataDir === undefined ? '' : ` --data ${wish.dataDir}`}`;
  const open = wish.endpoints.filter((e) => !isLoopbackHost(hostOf(e)));
  if (open.length > 0 && wish.tokens === 0) {
    throw new ApplianceError(
      'SBX_AUTH_REQUIRED',
      `${open.join(' and ')} would be reachable from other machines, and no token exists, so anyone could read and write.\n` +
        `  Either make a token first:   ${create}\n` +
        '  or listen on this machine only, on 127.0.0.1.',
    );
  }
  if (wish.required && wish.tokens === 0) {
    throw new ApplianceError('SBX_AUTH_REQUIRED', `auth.required is set and no token exists; make one with \`${create}\``);
  }
  return wish.required || open.length > 0;
}
