import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@signalbox/journal/frame';
import { Journal, type JournalSettings } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import type { Signal } from '@signalbox/signals/model/signal';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Authenticator } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { createIntake, type Appender } from '../../intake/intake.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { otlp } from './index.js';

const anyone: Authenticator = { write: (_authorization, tenant) => ({ tenant: tenant ?? 'default' }) };

export interface Setup {
  readonly config?: Record<string, unknown>;
  readonly auth?: Authenticator;
  readonly signals?: readonly Signal[];
  readonly maxInFlightBytes?: number;
  readonly journal?: Partial<JournalSettings>;
  /** Stands between the intake and the journal. */
  readonly appender?: (journal: Journal) => Appender;
}

/** An OTLP receiver on free ports of loopback before a journal in a temporary directory. */
export async function startReceiver(setup: Setup = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-otlp-'));
  const journal = await Journal.open({ dir, maxBytes: 256 * 2 ** 20, segmentBytes: 32 * 2 ** 20, minFreeShare: 0, ...setup.journal });
  const metrics = createMetrics();
  const clock = systemClock();
  const lines: string[] = [];
  const logger = createLogger({ stream: { write: (line) => void lines.push(line) }, level: 'debug' });
  const intake = createIntake({ journal: setup.appender?.(journal) ?? journal, clock, metrics, ...(setup.maxInFlightBytes === undefined ? {} : { maxInFlightBytes: setup.maxInFlightBytes }) });
  const protocols = { grpc: { endpoint: '127.0.0.1:0', ...(setup.config?.['grpc'] ?? {}) }, http: { endpoint: '127.0.0.1:0', ...(setup.config?.['http'] ?? {}) } };
  const { grpc: _grpc, http: _http, ...rest } = setup.config ?? {};
  const config = otlp.parseConfig({ protocols, ...rest }, detachedPlace('(test)', ['receivers', 'otlp']));
  const receiver = otlp.create(config, { id: 'otlp', logger, clock, metrics, dataDir: dir, journalId: journal.id, intake, mounts: { post: () => undefined }, auth: setup.auth ?? anyone, signals: setup.signals ?? ['traces', 'logs', 'metrics'] });
  try {
    await receiver.start();
  } catch (error) {
    await journal.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  const [grpc, http] = receiver.endpoints().map(({ address }) => address);
  const portOf = (address: string): number => Number(address.split(':').at(-1));
  return {
    receiver,
    journal,
    intake,
    metrics,
    lines,
    grpcPort: portOf(grpc!),
    httpPort: portOf(http!),
    httpUrl: `http://${http}`,
    async frames(): Promise<readonly Frame[]> {
      const reader = await JournalReader.open(dir);
      const { frames } = await reader.read(0, { maxBytes: 2 ** 30, wants: () => true });
      await reader.close();
      return frames;
    },
    async close(): Promise<void> {
      await receiver.shutdown();
      await journal.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type Started = Awaited<ReturnType<typeof startReceiver>>;

export function span(i: number, change: Partial<Span> = {}): Span {
  return {
    traceId: (i + 1).toString(16).padStart(32, '0'),
    spanId: (i + 1).toString(16).padStart(16, '0'),
    traceState: '',
    parentSpanId: '',
    flags: 1,
    name: `GET /items/${i}`,
    kind: 2,
    startNs: 1_700_000_000_000_000_000n,
    endNs: 1_700_000_000_050_000_000n,
    attributes: [{ key: 'http.request.method', value: 'GET' }, { key: 'http.response.status_code', value: 200n }],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: '' },
    ...change,
  };
}

export function traces(spans: readonly Span[]): TracesData {
  return {
    resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0 }, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans }] }],
  };
}

/** An ExportTraceServiceRequest of so many spans. */
export function traceRequest(count: number): Buffer {
  return Buffer.from(encodeTraces(traces(Array.from({ length: count }, (_, i) => span(i)))));
}
