import { createServer, type Http2Server, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { endpointText, parseEndpoint } from '../../../config/endpoint.js';
import { readFirstBytes, type Spoken } from '../../../security/first-bytes.js';
import { loadTls } from '../../../security/http-server.js';
import type { ServerTls } from '../../../security/server-tls.js';
import { answerHttp1, type TlsGreetingOptions } from '../../../security/tls-greeting.js';
import type { GrpcConfig } from '../config.js';
import { listen } from '../../requests/listen.js';
import { Refusal } from '../../requests/refusal.js';
import { GrpcCall } from './call.js';
import { ConnectionKeeper } from './keepalive.js';
import type { GrpcMethod, GrpcServerContext } from './method.js';
import { GrpcCode } from '../../requests/grpc-code.js';

/** Node counts a session's memory and kills its streams beyond 10 MB; our own budget is what limits. In MB. */
const MAX_SESSION_MEMORY = 4096;
const STREAM_WINDOW_BYTES = 4 * 2 ** 20;
const SESSION_WINDOW_BYTES = 16 * 2 ** 20;
const MAX_FRAME_BYTES = 2 ** 20;
const FIRST_BYTES_TIMEOUT_MS = 10_000;
const TCP_KEEPALIVE_MS = 60_000;

export interface GrpcServerOptions {
  readonly config: GrpcConfig;
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly context: GrpcServerContext;
  /** Null: plain text. */
  readonly tls: ServerTls | null;
  /** What a client that speaks HTTP/1 is told. */
  readonly httpHint: () => string;
  readonly greeting: TlsGreetingOptions;
  /** Some client speaks the wrong protocol. */
  readonly onWrongProtocol: (spoken: Spoken) => void;
}

/**
 * OTLP over gRPC: unary calls on node:http2.
 *
 *   TCP ─▶ (TLS) ─▶ first bytes ─▶ HTTP/2 session ─▶ calls
 */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #http2: Http2Server;
  readonly #tcp: Server;
  readonly #sessions = new Map<Http2Session, ConnectionKeeper>();
  readonly #sockets = new Set<Socket>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#http2 = createServer({
      maxSessionMemory: MAX_SESSION_MEMORY,
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: options.config.max_concurrent_streams, maxFrameSize: MAX_FRAME_BYTES, enablePush: false },
    });
    this.#http2.on('session', (session) => this.#onSession(session));
    this.#http2.on('stream', (stream, headers) => this.#onStream(stream, headers));
    const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS };
    const { tls } = options;
    if (tls === null) {
      this.#tcp = createTcpServer(tcp, (socket) => void this.#onConnection(socket));
    } else {
      const server = createTlsServer({ ...tcp, ...tls.serverOptions(), ALPNProtocols: ['h2'] }, (socket) => void this.#onConnection(socket));
      tls.greet(server, options.greeting);
      this.#tcp = server;
    }
    this.#tcp.maxConnections = options.config.max_connections;
  }

  /** @throws ListenFailed, TlsFailed */
  async start(): Promise<void> {
    loadTls(this.#tcp, this.#options.tls);
    await listen(this.#tcp, this.#options.config.endpoint, 'OTLP over gRPC', 'protocols.grpc.endpoint');
  }

  /** As bound once started, before that as configured. */
  address(): string {
    const bound = this.#tcp.address() as AddressInfo | null;
    return bound ? endpointText(bound.address, bound.port) : this.#options.config.endpoint;
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo | null)?.port ?? parseEndpoint(this.#options.config.endpoint)!.port;
  }

  /** Sends GOAWAY, lets the calls under way end within the time, then closes. */
  async shutdown(withinMs: number): Promise<void> {
    this.#options.tls?.stop();
    const closed = new Promise<void>((resolve) => (this.#tcp.listening ? this.#tcp.close(() => resolve()) : resolve()));
    for (const session of this.#sessions.keys()) session.close();
    for (const socket of this.#sockets) socket.destroy();
    const timer = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy();
      this.#options.tls?.endAll();
    }, withinMs);
    await closed;
    clearTimeout(timer);
  }

  async #onConnection(socket: Socket): Promise<void> {
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    this.#sockets.add(socket);
    const spoken = await readFirstBytes(socket, FIRST_BYTES_TIMEOUT_MS);
    this.#sockets.delete(socket);
    if (spoken === 'http2') {
      socket.off('error', ignore);
      this.#http2.emit('connection', socket);
      return;
    }
    if (spoken === null || socket.destroyed) {
      socket.destroy();
      return;
    }
    this.#options.onWrongProtocol(spoken);
    if (spoken === 'http1') answerHttp1(socket, this.#options.httpHint());
    else socket.destroy();
  }

  #onSession(session: ServerHttp2Session): void {
    this.#sessions.set(session, new ConnectionKeeper(session, this.#options.config.keepalive));
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    session.on('error', () => undefined);
    session.on('close', () => this.#sessions.delete(session));
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    const keeper = stream.session === undefined ? undefined : this.#sessions.get(stream.session);
    keeper?.begin();
    stream.once('close', () => keeper?.end());
    const type = headers['content-type'];
    if (headers[':method'] !== 'POST' || type === undefined || !/^application\/grpc(?:\+proto)?(?:;.*)?$/.test(type)) {
      stream.respond({ ':status': 415, 'content-type': 'text/plain; charset=utf-8' });
      stream.end(`${this.#options.httpHint()}\n`);
      stream.resume();
      return;
    }
    const path = String(headers[':path']);
    new GrpcCall(this.#options.context, stream, headers, this.#options.methods.get(path) ?? unknownMethod(path)).start();
  }
}

function unknownMethod(path: string): GrpcMethod {
  const refuse = (): never => {
    throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 404, `no method '${path.slice(0, 200)}' here`);
  };
  return { maxMessageBytes: 0, authorize: refuse, handle: refuse };
}
