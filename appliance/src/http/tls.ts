import type { RequestListener, Server, ServerOptions } from 'node:http';
import type { Logger } from '@signalbox/collector/component';
import { createHttpServer, loadTls } from '@signalbox/collector/security/http-server';
import type { ServerTls } from '@signalbox/collector/security/server-tls';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { RateLimitedLog } from '@signalbox/collector/telemetry/rate-limited';

const FIELDS = { code: 'SBX_TLS_CLIENT', what: 'console and APIs' };

/** Makes servers for fastify that speak TLS: one for each address that a name such as `localhost` stands for. */
export function tlsServerFactory(tls: ServerTls, options: ServerOptions, logger: Logger): (handler: RequestListener) => Server {
  const log = new RateLimitedLog(logger, systemClock());
  const greeting = {
    hint: () => 'This port (console and APIs) speaks TLS: write https:// in the address. [SBX_TLS_CLIENT]',
    onPlain: () => log.warn('plain', 'a client speaks plain text to the port of console and APIs, which expects TLS: its address should begin with https://', FIELDS),
    onFailed: (reason: string) => log.warn('tls', 'a client did not get through TLS', { ...FIELDS, reason }),
  };
  return (handler) => {
    const server = createHttpServer(options, tls, greeting, handler);
    loadTls(server, tls);
    return server;
  };
}
