import { isLoopbackHost } from '../../security/loopback.js';
import { parseEndpoint } from '../../config/endpoint.js';
import type { Receiver, ReceiverContext } from '../../component.js';
import { ServerTls, type ServerTlsConfig } from '../../security/server-tls.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import type { GrpcConfig, HttpConfig, OtlpReceiverConfig } from './config.js';
import { EXPORT_SERVICES, exportMethods } from './grpc/export-methods.js';
import { GrpcHealth } from './grpc/health.js';
import { GrpcServer } from './grpc/server.js';
import { bodyEncodings } from './http/content.js';
import { handleExchange, type ExchangeContext } from './http/exchange.js';
import { HttpServer } from './http/server.js';
import { OtlpIngest, scanOptions } from './ingest.js';
import { MessagePool } from '../requests/message-pool.js';
import type { Refusal } from '../requests/refusal.js';
import { limitsOf, type TenantLimits } from '../requests/tenant-limits.js';
import { tlsGreeting } from '../requests/tls-events.js';

const MIB = 2 ** 20;
const GRPC = 'OTLP over gRPC';
const HTTP = 'OTLP over HTTP';
/** Where a Prometheus takes OTLP metrics. */
const PROMETHEUS_PATH = '/prometheus/api/v1/otlp/v1/metrics';
/** For requests under way when the receiver stops. */
const SHUTDOWN_MS = 5000;

/** OTLP over gRPC and over HTTP, into the intake. */
export class OtlpReceiver implements Receiver {
  readonly #config: OtlpReceiverConfig;
  readonly #context: ReceiverContext;
  readonly #log: RateLimitedLog;
  readonly #ingest: OtlpIngest;
  readonly #pool = new MessagePool();
  readonly #limits: TenantLimits;
  readonly #health = new GrpcHealth(Object.values(EXPORT_SERVICES));
  readonly #grpc: GrpcServer | null;
  readonly #http: HttpServer | null;
  /** How requests over HTTP are answered. */
  #exchange: ExchangeContext | null = null;

  constructor(config: OtlpReceiverConfig, context: ReceiverContext) {
    this.#config = config;
    this.#context = context;
    this.#log = new RateLimitedLog(context.logger, context.clock);
    this.#limits = limitsOf(config.tenant_limits, context);
    this.#ingest = new OtlpIngest(context.intake, scanOptions(config));
    this.#grpc = config.protocols.grpc ? this.#createGrpc(config.protocols.grpc) : null;
    this.#http = config.protocols.http ? this.#createHttp(config.protocols.http) : null;
  }

  async start(): Promise<void> {
    try {
      await this.#grpc?.start();
      await this.#http?.start();
      if (this.#exchange !== null && this.#context.signals.includes('metrics')) this.#mount(this.#exchange);
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  async shutdown(): Promise<void> {
    this.#health.shutdown();
    await Promise.all([this.#grpc?.shutdown(SHUTDOWN_MS), this.#http?.shutdown(SHUTDOWN_MS)]);
  }

  endpoints(): readonly { readonly protocol: string; readonly address: string; readonly tls?: boolean }[] {
    const { grpc, http } = this.#config.protocols;
    return [
      ...(this.#grpc ? [{ protocol: 'otlp/grpc', address: this.#grpc.address(), ...(grpc?.tls ? { tls: true } : {}) }] : []),
      ...(this.#http ? [{ protocol: 'otlp/http', address: this.#http.address(), ...(http?.tls ? { tls: true } : {}) }] : []),
    ];
  }

  #tls(config: ServerTlsConfig | undefined, what: string): ServerTls | null {
    return config === undefined ? null : new ServerTls(config, { what, logger: this.#context.logger });
  }

  #createGrpc(config: GrpcConfig): GrpcServer {
    const { auth, intake, metrics, id, signals } = this.#context;
    const meter = new ReceiverMeter(metrics, id, 'grpc');
    const methods = exportMethods({ ingest: this.#ingest, auth, limits: this.#limits, meter, signals, maxMessageBytes: Math.floor(config.max_recv_msg_size_mib * MIB) });
    return new GrpcServer({
      config,
      methods: new Map([...methods, ...this.#health.methods()]),
      context: { intake, pool: this.#pool, readTimeoutMs: config.read_timeout, refused: (refusal) => this.#onRefused(meter, refusal), cutOff: () => meter.refusedRequest('cut_off') },
      tls: this.#tls(config.tls, GRPC),
      greeting: tlsGreeting({ what: GRPC, meter, log: this.#log, address: () => this.#grpc?.address() }),
      httpHint: () => `This is the OTLP/gRPC port. ${this.#http ? `OTLP over HTTP is at ${this.#config.protocols.http?.tls ? 'https' : 'http'}://${this.#http.address()}/v1/traces (logs, metrics)` : 'OTLP over HTTP is not configured here'} [SBX_OTLP_WRONG_PORT]`,
      onWrongProtocol: (spoken) => {
        meter.refusedRequest('unsupported');
        const what = { http1: 'HTTP/1', tls: 'TLS', unknown: 'something other than HTTP/2', http2: 'HTTP/2' }[spoken];
        this.#log.warn(`grpc ${spoken}`, `a client speaks ${what} to the OTLP/gRPC port, which expects HTTP/2${config.tls ? '' : ' in plain text'}`, { code: 'SBX_OTLP_WRONG_PORT', port: this.#grpc?.port, http: this.#http?.address() });
      },
    });
  }

  #createHttp(config: HttpConfig): HttpServer {
    const { auth, intake, metrics, id, signals } = this.#context;
    const meter = new ReceiverMeter(metrics, id, 'http');
    const { host } = parseEndpoint(config.endpoint)!;
    // On other addresses a token is demanded, which a page elsewhere does not have: names need not be known then.
    const anyHost = config.allowed_hosts.length === 0 && (host === undefined || !isLoopbackHost(host));
    const context: ExchangeContext = {
      config,
      ingest: this.#ingest,
      intake,
      pool: this.#pool,
      auth,
      limits: this.#limits,
      encodings: bodyEncodings(config.compression_algorithms),
      meter,
      signals,
      hosts: { allowedHosts: anyHost ? ['*'] : config.allowed_hosts, allowedOrigins: config.cors.allowed_origins },
      onInternal: (error) => this.#onInternal(error),
    };
    this.#exchange = context;
    return new HttpServer({
      context,
      tls: this.#tls(config.tls, HTTP),
      greeting: tlsGreeting({ what: HTTP, meter, log: this.#log, address: () => this.#http?.address() }),
      grpcHint: () => `This is the OTLP/HTTP port. ${this.#grpc ? `OTLP over gRPC is at ${this.#grpc.address()}` : 'OTLP over gRPC is not configured here'} [SBX_OTLP_WRONG_PORT]`,
      onGrpcClient: () => {
        meter.refusedRequest('unsupported');
        this.#log.warn('http h2', 'a client speaks HTTP/2 (gRPC) to the OTLP/HTTP port; point it to the gRPC port, or set its protocol to http/protobuf', { code: 'SBX_OTLP_WRONG_PORT', port: this.#http?.port, grpc: this.#grpc?.address() });
      },
    });
  }

  /** Takes metrics where senders to a Prometheus expect it; which hosts and origins may ask was looked at by who passes them on. */
  #mount(exchange: ExchangeContext): void {
    const mounted = { ...exchange, config: { ...exchange.config, metrics_url_path: PROMETHEUS_PATH }, hosts: { allowedHosts: ['*'], allowedOrigins: ['*'] } };
    this.#context.mounts.post(PROMETHEUS_PATH, (request, response) => handleExchange(mounted, request, response));
  }

  #onRefused(meter: ReceiverMeter, refusal: Refusal): void {
    meter.refusedRequest(refusal.reason);
    if (refusal.reason === 'internal') this.#onInternal(refusal.cause);
  }

  #onInternal(error: unknown): void {
    this.#log.error('internal', 'a request could not be handled, which is an error of this program', { code: 'SBX_RECEIVER_INTERNAL', error });
  }
}
