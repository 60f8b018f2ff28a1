import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Span } from '@signalbox/signals/model/span';
import type { FrameInput } from '@signalbox/journal/frame';
import { JournalReader } from '@signalbox/journal/reader';
import { readLedger, type LedgerRow } from '@signalbox/journal/ledger';
import type { ExporterFactory, Registry } from '../component.js';
import { loadConfig } from '../config/load.js';
import type { LoadedConfig } from '../config/loaded.js';
import { createWorld, type Destination, type World } from '../delivery/fixture.test.js';
import { startDelivery, type Delivery } from '../delivery/runner.js';
import { AppendClient } from '../derive/append-client.js';
import { appendHandler } from '../derive/append-handler.js';
import { createIntake } from '../intake/intake.js';
import { builtinRegistry } from '../registry.js';
import { span, traces } from '../receivers/otlp/fixture.test.js';
import { systemClock } from '../telemetry/clock.js';
import { createLogger } from '../telemetry/logger.js';
import { readDecisions, type Decided } from './records/decision-record.js';

/** The id of trace n. */
export const traceId = (n: number): string => n.toString(16).padStart(32, '0');
export const spanOf = (trace: number, change: Partial<Span> = {}): Span => span(0, { traceId: traceId(trace), ...change });

const SECOND = 1_000_000_000n;

export interface SamplingWorld extends Pick<World, 'journal' | 'dir' | 'destinations' | 'metrics' | 'lines'> {
  readonly socketPath: string;
  /** Appends one request; `atSeconds` is when it was received. */
  send(spans: readonly Span[], atSeconds?: number, change?: Partial<FrameInput>): Promise<number>;
  config(text: string): LoadedConfig;
  start(text: string): Promise<Delivery>;
  stop(delivery: Delivery): Promise<void>;
  ledger(reader: string): Promise<LedgerRow>;
  /** What stands in the journal, in order. */
  decisions(): Promise<readonly (Decided & { readonly trace: number })[]>;
  close(): Promise<void>;
}

/** A journal that others append to over a socket, and two destinations behind pipelines with tail sampling. */
export async function createSamplingWorld(): Promise<SamplingWorld> {
  const world = await createWorld();
  const factory = (type: 'a' | 'b'): ExporterFactory => ({ type, signals: ['traces', 'logs'], parseConfig: () => ({}), create: (): Destination => world.destinations[type] });
  const builtin = builtinRegistry();
  const registry: Registry = { ...builtin, exporters: [...builtin.exporters, factory('a'), factory('b')] };
  const socketPath = join(world.dir, 'append.sock');
  const intake = createIntake({ journal: world.journal, clock: systemClock(), metrics: world.metrics });
  const handle = appendHandler({ intake, origins: { has: (origin) => origin.startsWith('tail_sampling') } });
  const server: Server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const running = new Map<Delivery, AppendClient>();
  const logger = createLogger({ stream: { write: (line) => void world.lines.push(line) } });
  const begunNs = BigInt(Date.now()) * 1_000_000n - 3600n * SECOND;

  const sampling: SamplingWorld = {
    journal: world.journal, dir: world.dir, destinations: world.destinations, metrics: world.metrics, lines: world.lines, socketPath,
    async send(spans, atSeconds, change = {}) {
      const receivedNs = atSeconds === undefined ? systemClock().nowNs() : begunNs + BigInt(Math.round(atSeconds * 1000)) * 1_000_000n;
      const payload = Buffer.from(encodeTraces(traces([...spans])));
      const { position } = await world.journal.append({ signal: 'traces', encoding: 'otlp', tenant: 'default', origin: 'otlp', items: spans.length, rejected: [], receivedNs, payload, ...change });
      return position;
    },
    config: (text) => loadConfig({ text, file: '(test)', env: {}, registry, sections: {} }),
    async start(text) {
      const client = new AppendClient({ socketPath, logger, retryMs: 5 });
      const delivery = await startDelivery({ config: sampling.config(text), registry, journalDir: world.dir, dataDir: world.dir, logger, clock: systemClock(), metrics: world.metrics, append: client.append, flushEveryMs: 10, random: () => 0.5 });
      running.set(delivery, client);
      return delivery;
    },
    async stop(delivery) {
      await delivery.stop(1000);
      running.get(delivery)?.close();
      running.delete(delivery);
    },
    async ledger(reader) {
      const row = (await readLedger(world.dir)).find((each) => each.reader === reader);
      if (!row) throw new Error(`no row of ${reader}`);
      return row;
    },
    async decisions() {
      const reader = await JournalReader.open(world.dir);
      const found: (Decided & { trace: number })[] = [];
      for (let at = 0; at < reader.durable(); ) {
        const { frames, next } = await reader.read(at, { maxBytes: 1 << 20, wants: ({ signal, origin }) => signal === 'logs' && origin.startsWith('tail_sampling') });
        for (const { payload } of frames) found.push(...readDecisions(payload).decisions.map((each) => ({ ...each, trace: Buffer.from(each.id, 'latin1').readUInt32BE(12) })));
        at = next;
      }
      await reader.close();
      return found;
    },
    async close() {
      for (const delivery of [...running.keys()]) await sampling.stop(delivery);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.close();
    },
  };
  return sampling;
}

const FAST = 'batch: { max_wait: 0s }';

/** One pipeline of traces with these policies, before destinations a and b. */
export function configured(policies: string, { wait = '10s', more = '', processors = '', list = 'tail_sampling', pipelines = '' } = {}): string {
  return `receivers: { otlp: {} }
processors: { tail_sampling: { decision_wait: ${wait}, ${more} policies: [${policies}] }${processors === '' ? '' : `, ${processors}`} }
exporters: { a: { ${FAST} }, b: { ${FAST} } }
service: { pipelines: { traces: { receivers: [otlp], processors: [${list}], exporters: [a, b] }${pipelines === '' ? '' : `, ${pipelines}`} } }`;
}

export const ERRORS = '{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }';
export const ALL = '{ name: all, type: always_sample }';
