import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointText, parseEndpoint } from '../../config/endpoint.js';
import { checkHost } from '../../security/host-check.js';
import { isLoopbackHost } from '../../security/loopback.js';
import { listen } from '../otlp/listen.js';
import type { PushSettings } from './settings.js';

const MAX_HEADER_BYTES = 16 * 1024;
const CHECK_TIMEOUTS_MS = 1000;
/** For requests under way when the receiver stops. */
const SHUTDOWN_MS = 5000;

export type PushHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A receiver's own endpoint: POSTs to the paths that it serves, in plain text over HTTP/1.1. */
export class PushServer {
  readonly #server: Server;
  readonly #endpoint: string;
  readonly #what: string;
  #stopping = false;

  constructor(what: string, endpoint: string, settings: PushSettings, paths: Readonly<Record<string, PushHandler>>) {
    this.#what = what;
    this.#endpoint = endpoint;
    const { host } = parseEndpoint(endpoint)!;
    // On other addresses a token is demanded, which a page elsewhere does not have: names need not be known then.
    const anyHost = settings.allowed_hosts.length === 0 && (host === undefined || !isLoopbackHost(host));
    const hosts = { allowedHosts: anyHost ? ['*'] : settings.allowed_hosts, allowedOrigins: [] };
    this.#server = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: Math.min(10_000, settings.read_timeout), requestTimeout: settings.read_timeout, connectionsCheckingInterval: Math.min(CHECK_TIMEOUTS_MS, settings.read_timeout), noDelay: true, requireHostHeader: false },
      (request, response) => {
        response.once('close', () => {
          if (this.#stopping) setImmediate(() => this.#server.closeIdleConnections());
        });
        const misled = checkHost(request.headers.host, request.headers.origin, hosts);
        if (misled) return refuse(response, 403, `${misled.reason} [${misled.code}]`);
        const path = request.url?.split('?', 1)[0] ?? '';
        const handler = paths[path];
        if (!handler) return refuse(response, 404, `nothing is at '${path.slice(0, 200)}': use POST ${Object.keys(paths).join(' or ')}`);
        if (request.method !== 'POST') return refuse(response, 405, 'Method Not Allowed', { allow: 'POST' });
        void handler(request, response);
      },
    );
    this.#server.maxConnections = settings.max_connections;
  }

  /** @throws ListenFailed */
  async start(): Promise<void> {
    await listen(this.#server, this.#endpoint, this.#what, 'endpoint');
  }

  /** As bound once started, before that as configured. */
  address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    return bound ? endpointText(bound.address, bound.port) : this.#endpoint;
  }

  /** Lets requests in flight end within the time, then closes. */
  async shutdown(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => (this.#server.listening ? this.#server.close(() => resolve()) : resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), SHUTDOWN_MS);
    await closed;
    clearTimeout(timer);
  }
}

function refuse(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
