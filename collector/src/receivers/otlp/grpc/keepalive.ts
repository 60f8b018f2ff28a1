import { constants, type ServerHttp2Session } from 'node:http2';
import { z } from 'zod';
import { duration, durationOrOff } from '../../../config/duration.js';

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The `keepalive` section of gRPC servers, with the OpenTelemetry Collector's keys (configgrpc). */
export const keepaliveSchema = z.strictObject({
  server_parameters: z
    .strictObject({
      max_connection_idle: durationOrOff({ minMs: 100, maxMs: MAX_TIMER_MS }).default(null).describe('A connection without calls for so long is closed (GOAWAY).'),
      max_connection_age: durationOrOff({ minMs: 100, maxMs: MAX_TIMER_MS }).default(null).describe('A connection is closed after it, give or take a tenth, so that clients spread over servers again; calls under way end.'),
      max_connection_age_grace: durationOrOff({ maxMs: MAX_TIMER_MS }).default(null).describe('For calls under way, after max_connection_age.'),
      time: durationOrOff({ minMs: 100, maxMs: MAX_TIMER_MS }).default(7_200_000).describe('A ping goes to the client so often.'),
      timeout: duration({ minMs: 1, maxMs: MAX_TIMER_MS }).default(20_000).describe('A connection whose client does not answer a ping within it is closed.'),
    })
    .prefault({}),
  enforcement_policy: z
    .strictObject({
      min_time: duration().default(10_000).describe('A client that pings more often than this, again and again, is sent away (the OpenTelemetry Collector: 5m).'),
      permit_without_stream: z.boolean().default(true).describe('Whether it may while it has no calls (the OpenTelemetry Collector: false); otherwise once in two hours.'),
    })
    .prefault({}),
});

export type KeepaliveConfig = z.output<typeof keepaliveSchema>;

/** As gRPC's own servers have it: two strikes are forgiven. */
const MAX_STRIKES = 2;
const MIN_TIME_WITHOUT_STREAM_MS = 7_200_000;
const TOO_MANY_PINGS = Buffer.from('too_many_pings');
/** Of its age, that connections which began together do not end together (grpc/proposal, A9). */
const JITTER = 0.1;

/** Ends one connection when it is idle, old or dead, or when its client pings too often. */
export class ConnectionKeeper {
  readonly #session: ServerHttp2Session;
  readonly #config: KeepaliveConfig;
  readonly #timers = new Set<NodeJS.Timeout>();
  #idle: NodeJS.Timeout | null = null;
  #calls = 0;
  #lastPingMs = -Infinity;
  #strikes = 0;

  constructor(session: ServerHttp2Session, config: KeepaliveConfig) {
    this.#session = session;
    this.#config = config;
    const { max_connection_age: ageMs, time: pingMs } = config.server_parameters;
    if (ageMs !== null) this.#after(ageMs * (1 + (Math.random() * 2 - 1) * JITTER), () => this.#retire());
    if (pingMs !== null) this.#after(pingMs, () => this.#ping(pingMs));
    this.#armIdle();
    session.on('ping', () => this.#onPing());
    session.once('close', () => this.#stop());
  }

  begin(): void {
    this.#calls++;
    this.#strikes = 0;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }

  end(): void {
    this.#calls--;
    // Clients measure the line by pings when they have an answer.
    this.#strikes = 0;
    if (this.#calls === 0) this.#armIdle();
  }

  #armIdle(): void {
    const { max_connection_idle: idleMs } = this.#config.server_parameters;
    if (idleMs !== null && !this.#session.closed) this.#idle = setTimeout(() => this.#session.close(), idleMs).unref();
  }

  #retire(): void {
    const { max_connection_age_grace: graceMs } = this.#config.server_parameters;
    this.#session.close();
    if (graceMs !== null) this.#after(graceMs, () => this.#session.destroy());
  }

  #ping(everyMs: number): void {
    const dead = this.#after(this.#config.server_parameters.timeout, () => this.#session.destroy());
    this.#session.ping((error) => {
      if (error) return;
      clearTimeout(dead);
      this.#timers.delete(dead);
      this.#after(everyMs, () => this.#ping(everyMs));
    });
  }

  #onPing(): void {
    const { min_time: minMs, permit_without_stream: permitted } = this.#config.enforcement_policy;
    const nowMs = performance.now();
    const allowedMs = this.#calls > 0 || permitted ? minMs : MIN_TIME_WITHOUT_STREAM_MS;
    const tooSoon = nowMs - this.#lastPingMs < allowedMs;
    this.#lastPingMs = nowMs;
    if (!tooSoon || ++this.#strikes <= MAX_STRIKES) return;
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, TOO_MANY_PINGS);
    this.#session.close();
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, Math.min(ms, MAX_TIMER_MS)).unref();
    this.#timers.add(timer);
    return timer;
  }

  #stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    if (this.#idle !== null) clearTimeout(this.#idle);
  }
}
