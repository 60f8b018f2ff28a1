import type { Receiver, ReceiverContext } from '../../component.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { MessagePool } from '../requests/message-pool.js';
import { limitsOf } from '../requests/tenant-limits.js';
import { handlePush, type PushContext, type PushProtocol } from './exchange.js';
import { ServerTls } from '../../security/server-tls.js';
import { tlsGreeting } from '../requests/tls-events.js';
import { PushServer, type PushHandler } from './server.js';
import type { PushSettings } from './settings.js';

/** Where and how a protocol is served. */
export interface PushService {
  /** For people: `Prometheus remote write`. */
  readonly what: string;
  /** For the start-up lines: `prometheus/remote-write`. */
  readonly protocol: string;
  /** On its own endpoint. */
  readonly paths: readonly string[];
  /** Of the query port; null where nothing is mounted there. */
  readonly mounted: string | null;
}

/** A receiver of pushes over HTTP: mounted on the query port, and on an endpoint of its own where one is configured. */
export class PushReceiver implements Receiver {
  readonly #service: PushService;
  readonly #server: PushServer | null;
  readonly #speaksTls: boolean;

  constructor(service: PushService, settings: PushSettings, context: ReceiverContext, protocolOf: (meter: ReceiverMeter) => PushProtocol) {
    this.#service = service;
    const log = new RateLimitedLog(context.logger, context.clock);
    const meter = new ReceiverMeter(context.metrics, context.id, 'http');
    const push: PushContext = {
      settings,
      intake: context.intake,
      pool: new MessagePool(),
      limits: limitsOf(settings.tenant_limits, context),
      auth: context.auth,
      meter,
      onInternal: (error) => log.error('internal', 'a request could not be handled, which is an error of this program', { code: 'SBX_RECEIVER_INTERNAL', error }),
    };
    const protocol = protocolOf(meter);
    const handler: PushHandler = (request, response) => handlePush(push, protocol, request, response);
    if (service.mounted !== null) context.mounts.post(service.mounted, handler);
    const tls = settings.tls === undefined ? null : new ServerTls(settings.tls, { what: service.what, logger: context.logger });
    const greeting = tlsGreeting({ what: service.what, meter, log, address: () => this.#server?.address() });
    this.#speaksTls = tls !== null;
    this.#server = settings.endpoint === undefined ? null : new PushServer({ what: service.what, endpoint: settings.endpoint, settings, paths: Object.fromEntries(service.paths.map((path) => [path, handler])), tls, greeting });
  }

  async start(): Promise<void> {
    await this.#server?.start();
  }

  async shutdown(): Promise<void> {
    await this.#server?.shutdown();
  }

  endpoints(): readonly { readonly protocol: string; readonly address: string; readonly tls?: boolean }[] {
    return this.#server === null ? [] : [{ protocol: this.#service.protocol, address: this.#server.address(), ...(this.#speaksTls ? { tls: true } : {}) }];
  }
}
