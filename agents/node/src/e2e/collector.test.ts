import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authenticator } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake } from '@signalbox/collector/intake/intake';
import { otlp } from '@signalbox/collector/receivers/otlp/index';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import type { FrameInput } from '@signalbox/journal/frame';
import type { Journal } from '@signalbox/journal/journal';
import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Metric } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span } from '@signalbox/signals/model/span';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';

/** Below the ports that systems give out for port 0 and outgoing connections, so that one stays free until it is listened on. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** An item with what it was sent under. */
export type Received<T> = T & { readonly resource: Resource | null; readonly scope: Scope | null; readonly fields: Record<string, unknown> };

export interface CollectorOptions {
  readonly auth?: Authenticator;
  readonly grpcPort?: number;
  /** A real one, which remembers batch ids; else all requests are kept. */
  readonly journal?: Journal;
}

/** The collector's OTLP receiver, as it is, before a journal. */
export class TestCollector {
  readonly requests: FrameInput[] = [];
  /** Requests with the batch id of an earlier one. */
  duplicates = 0;
  readonly #receiver: ReturnType<typeof otlp.create>;

  constructor({ auth, grpcPort = 0, journal }: CollectorOptions = {}) {
    const config = otlp.parseConfig(
      { protocols: { grpc: { endpoint: `127.0.0.1:${grpcPort}` }, http: { endpoint: '127.0.0.1:0' } } },
      detachedPlace('(test)', ['receivers', 'otlp']),
    );
    this.#receiver = otlp.create(config, {
      id: 'otlp',
      logger: createLogger({ stream: { write: () => {} }, level: 'error' }),
      clock: systemClock(),
      metrics: createMetrics(),
      dataDir: '',
      journalId: '',
      intake: createIntake({
        journal: {
          append: async (frame) => {
            // The payload lies in a buffer that the receiver takes back.
            const kept = { ...frame, payload: Uint8Array.from(frame.payload) };
            const appended = await journal?.append(kept);
            if (appended?.duplicate) this.duplicates += 1;
            else this.requests.push(kept);
            return appended ?? { position: this.requests.length, duplicate: false };
          },
        },
        clock: systemClock(),
        metrics: createMetrics(),
      }),
      mounts: { post: () => undefined },
      auth: auth ?? { write: () => ({ tenant: 'default' }) },
      signals: ['traces', 'logs', 'metrics'],
    });
  }

  async start(): Promise<this> {
    await this.#receiver.start();
    return this;
  }

  async close(): Promise<void> {
    await this.#receiver.shutdown();
  }

  get grpcUrl(): string {
    return `http://${this.#address('otlp/grpc')}`;
  }

  get httpUrl(): string {
    return `http://${this.#address('otlp/http')}`;
  }

  spans(): Received<Span>[] {
    return this.#payloads('traces').flatMap((payload) =>
      decodeTraces(payload).resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => ({ ...span, resource, scope, fields: plain(span.attributes) }))),
      ),
    );
  }

  logs(): Received<LogRecord>[] {
    return this.#payloads('logs').flatMap((payload) =>
      decodeLogs(payload).resourceLogs.flatMap(({ resource, scopeLogs }) =>
        scopeLogs.flatMap(({ scope, logRecords }) => logRecords.map((record) => ({ ...record, resource, scope, fields: plain(record.attributes) }))),
      ),
    );
  }

  metrics(): Received<Metric>[] {
    return this.#payloads('metrics').flatMap((payload) =>
      decodeMetrics(payload).resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
        scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((metric) => ({ ...metric, resource, scope, fields: {} }))),
      ),
    );
  }

  /** What `read` answers once it is not undefined any more; mocha's time-out says when it never is. */
  async until<T>(read: (collector: this) => T | undefined): Promise<T> {
    for (;;) {
      const value = read(this);
      if (value !== undefined) return value;
      await delay(20);
    }
  }

  #payloads(signal: FrameInput['signal']): Uint8Array[] {
    return this.requests.filter((request) => request.signal === signal).map((request) => request.payload);
  }

  #address(protocol: string): string {
    return this.#receiver.endpoints().find((endpoint) => endpoint.protocol === protocol)?.address ?? '';
  }
}

/** Attributes as an object, integers as numbers. */
export function plain(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: AnyValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof KeyValueList) return plain(value.entries);
  return Array.isArray(value) ? value.map(plainValue) : value;
}
