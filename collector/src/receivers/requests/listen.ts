import type { Server } from 'node:net';
import { parseEndpoint } from '../../config/endpoint.js';

const REMEDIES: Readonly<Record<string, (port: number) => string>> = {
  EADDRINUSE: (port) => `another process listens there (\`ss -ltnp 'sport = :${port}'\` names it): end that, or listen elsewhere`,
  EACCES: () => 'this user may not listen there: take a port from 1024 on',
  EADDRNOTAVAIL: () => 'this machine has no such address: take one of its own, or 127.0.0.1',
  ENOTFOUND: () => 'the name has no address: take an address instead',
};

/** A receiver cannot listen where it was told to. */
export class ListenFailed extends Error {
  readonly code = 'SBX_RECEIVER_LISTEN';
  constructor(what: string, endpoint: string, setting: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const port = parseEndpoint(endpoint)?.port ?? 0;
    const remedy = REMEDIES[code]?.(port) ?? (cause instanceof Error ? cause.message : String(cause));
    super(`${what} cannot listen on ${endpoint}: ${remedy} (setting: ${setting} of the receiver)`, { cause });
    this.name = 'ListenFailed';
  }
}

/** @throws ListenFailed with what to do */
export async function listen(server: Server, endpoint: string, what: string, setting: string): Promise<void> {
  const { host, port } = parseEndpoint(endpoint)!;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: unknown): void => reject(new ListenFailed(what, endpoint, setting, error));
    server.once('error', onError);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', onError);
      resolve();
    });
  });
  server.on('error', () => undefined);
}
