import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Server as TlsServer } from 'node:tls';
import type { ServerTls } from './server-tls.js';
import type { TlsGreetingOptions } from './tls-greeting.js';

/** HTTP/1.1 first; a gRPC client, which offers h2 alone, shall be told in its own language that this is not its port. */
const ALPN = ['http/1.1', 'h2'];

/** A server for HTTP/1.1, in plain text or with TLS; the certificate comes by loadTls(). */
export function createHttpServer(options: ServerOptions, tls: ServerTls | null, greeting: TlsGreetingOptions, handler: RequestListener): Server {
  if (tls === null) return createServer(options, handler);
  const server = createTlsServer({ ...options, ...tls.serverOptions(), ALPNProtocols: ALPN }, handler);
  tls.greet(server, greeting);
  return server;
}

/** Before the server listens. @throws TlsFailed */
export function loadTls(server: object, tls: ServerTls | null): void {
  if (tls !== null && server instanceof TlsServer) tls.load(server);
}
