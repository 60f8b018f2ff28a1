import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointText, parseEndpoint } from '../../config/endpoint.js';
import { checkHost } from '../../security/host-check.js';
import { createHttpServer, loadTls } from '../../security/http-server.js';
import { isLoopbackHost } from '../../security/loopback.js';
import type { ServerTls } from '../../security/server-tls.js';
import type { TlsGreetingOptions } from '../../security/tls-greeting.js';
import { listen } from '../requests/listen.js';
import type { PushSettings } from './settings.js';

const MAX_HEADER_BYTES = 16 * 1024;
const CHECK_TIMEOUTS_MS = 1000;
/** For requests under way when the receiver stops. */
const SHUTDOWN_MS = 5000;

export type PushHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface PushServerOptions {
  /** For people: `Prometheus remote write`. */
  readonly what: string;
  readonly endpoint: string;
  readonly settings: PushSettings;
  readonly paths: Readonly<Record<string, PushHandler>>;
  /** Null: plain text. */
  readonly tls: ServerTls | null;
  readonly greeting: TlsGreetingOptions;
}

/** A receiver's own endpoint: POSTs to the paths that it serves, over HTTP/1.1. */
export class PushServer {
  readonly #server: Server;
  readonly #endpoint: string;
  readonly #what: string;
  readonly #tls: ServerTls | null;
  #stopping = false;

  constructor({ what, endpoint, settings, paths, tls, greeting }: PushServerOptions) {
    this.#what = what;
    this.#endpoint = endpoint;
    this.#tls = tls;
    const { host } = parseEndpoint(endpoint)!;
    // On other addresses a token is demanded, which a page elsewhere does not have: names need not be known then.
    const anyHost = settings.allowed_hosts.length === 0 && (host === undefined || !isLoopbackHost(host));
    const hosts = { allowedHosts: anyHost ? ['*'] : settings.allowed_hosts, allowedOrigins: [] };
    this.#server = createHttpServer(
      { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: Math.min(10_000, settings.read_timeout), requestTimeout: settings.read_timeout, connectionsCheckingInterval: Math.min(CHECK_TIMEOUTS_MS, settings.read_timeout), noDelay: true, requireHostHeader: false },
      tls,
      greeting,
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

  /** @throws ListenFailed, TlsFailed */
  async start(): Promise<void> {
    loadTls(this.#server, this.#tls);
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
    this.#tls?.stop();
    const closed = new Promise<void>((resolve) => (this.#server.listening ? this.#server.close(() => resolve()) : resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
      this.#tls?.endAll();
    }, SHUTDOWN_MS);
    await closed;
    clearTimeout(timer);
  }
}

function refuse(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
