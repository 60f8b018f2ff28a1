import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { endpointText, parseEndpoint } from '../../../config/endpoint.js';
import { createHttpServer, loadTls } from '../../../security/http-server.js';
import { goAway, isHttp2Preface } from '../../../security/http2-goaway.js';
import type { ServerTls } from '../../../security/server-tls.js';
import type { TlsGreetingOptions } from '../../../security/tls-greeting.js';
import { listen } from '../../requests/listen.js';
import { handleExchange, type ExchangeContext } from './exchange.js';

const MAX_HEADER_BYTES = 16 * 1024;
const CHECK_TIMEOUTS_MS = 1000;

export interface HttpServerOptions {
  readonly context: ExchangeContext;
  /** What a client that speaks gRPC is told. */
  readonly grpcHint: () => string;
  readonly onGrpcClient: () => void;
  /** Null: plain text. */
  readonly tls: ServerTls | null;
  readonly greeting: TlsGreetingOptions;
}

/** OTLP over HTTP/1.1. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { config } = options.context;
    this.#server = createHttpServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: config.read_header_timeout,
        requestTimeout: config.read_timeout,
        keepAliveTimeout: config.idle_timeout,
        connectionsCheckingInterval: Math.min(CHECK_TIMEOUTS_MS, config.read_header_timeout, config.read_timeout),
        noDelay: true,
        // checkHost asks for it, with an answer that says more.
        requireHostHeader: false,
      },
      options.tls,
      options.greeting,
      (request, response) => {
        response.once('close', () => {
          // The connection would be kept for a next request that is not wanted any more.
          if (this.#stopping) setImmediate(() => this.#server.closeIdleConnections());
        });
        void handleExchange(options.context, request, response);
      },
    );
    this.#server.maxConnections = config.max_connections;
    this.#server.on('clientError', (error, socket) => this.#onClientError(error, socket));
  }

  /** @throws ListenFailed, TlsFailed */
  async start(): Promise<void> {
    loadTls(this.#server, this.#options.tls);
    await listen(this.#server, this.#options.context.config.endpoint, 'OTLP over HTTP', 'protocols.http.endpoint');
  }

  /** As bound once started, before that as configured. */
  address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    return bound ? endpointText(bound.address, bound.port) : this.#options.context.config.endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? parseEndpoint(this.#options.context.config.endpoint)!.port;
  }

  /** Takes no new connections, lets requests under way end within the time, then closes. */
  async shutdown(withinMs: number): Promise<void> {
    this.#stopping = true;
    this.#options.tls?.stop();
    const closed = new Promise<void>((resolve) => (this.#server.listening ? this.#server.close(() => resolve()) : resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
      this.#options.tls?.endAll();
    }, withinMs);
    await closed;
    clearTimeout(timer);
  }

  #onClientError(error: Error, socket: Duplex): void {
    if (socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    const raw = 'rawPacket' in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : undefined;
    if (isHttp2Preface(raw)) {
      this.#options.onGrpcClient();
      goAway(socket, this.#options.grpcHint());
      return;
    }
    const code = 'code' in error ? String(error.code) : '';
    const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    this.#options.context.meter.refusedRequest(code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'deadline' : 'malformed');
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
