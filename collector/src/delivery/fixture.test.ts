import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameInput } from '@signalbox/journal/frame';
import { Journal, type JournalSettings } from '@signalbox/journal/journal';
import { readLedger, type LedgerRow } from '@signalbox/journal/ledger';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { z } from 'zod';
import type { Batch, Exporter, ExporterFactory, Outcome, Processor, ProcessorFactory, Registry } from '../component.js';
import { loadConfig } from '../config/load.js';
import type { LoadedConfig } from '../config/loaded.js';
import { parseSection } from '../config/section.js';
import { otlp } from '../receivers/otlp/index.js';
import { span, traces } from '../receivers/otlp/fixture.test.js';
import { systemClock } from '../telemetry/clock.js';
import { createLogger } from '../telemetry/logger.js';
import { createMetrics } from '../telemetry/metrics.js';
import { startDelivery, type Delivery } from './runner.js';

type Answer = (batch: Batch, call: number, signal: AbortSignal) => Outcome | Promise<Outcome>;

export const taken = (batch: Batch): Outcome => ({ kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] });
export const later = (unknown = false): Outcome => ({ kind: 'retryable', reason: 'the destination is down', ...(unknown ? { unknown } : {}) });

/** A destination that answers as a test says, and remembers what it was given. */
export class Destination implements Exporter {
  answer: Answer = taken;
  wire = false;
  startAnswer: () => Promise<void> = async () => undefined;
  readonly calls: Batch[] = [];
  /** Names of the spans that it took, in order. */
  readonly names: string[] = [];
  shutdowns = 0;

  start(): Promise<void> {
    return this.startAnswer();
  }

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const call = this.calls.push(batch);
    const outcome = await this.answer(batch, call, signal);
    if (outcome.kind === 'settled') {
      const left = new Set([...outcome.retry.items, ...outcome.rejected.map(({ item }) => item)]);
      namesOf(batch).forEach((name, item) => !left.has(item) && this.names.push(name));
    }
    return outcome;
  }

  async shutdown(): Promise<void> {
    this.shutdowns++;
  }
}

export function namesOf(batch: Batch): readonly string[] {
  return batch.parts.flatMap(({ data }) => (data.signal === 'traces' ? data.traces.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map(({ name }) => name))) : []));
}

/** Drops spans whose number is odd. */
const odd: ProcessorFactory = {
  type: 'odd',
  signals: ['traces'],
  parseConfig: (raw, place) => parseSection(z.strictObject({}), raw, place),
  create: () => ({
    process(batch) {
      const parts = batch.parts.map((part) => {
        assert.ok(part.data.signal === 'traces');
        const spans = part.data.traces.resourceSpans[0]!.scopeSpans[0]!.spans;
        const kept = spans.flatMap((each, i) => (Number(each.name.slice(1)) % 2 === 0 ? [i] : []));
        return { ...part, data: { signal: 'traces' as const, traces: traces(kept.map((i) => spans[i]!)) }, items: kept.length, ordinals: Uint32Array.from(kept, (i) => part.ordinals[i]!) };
      });
      const items = parts.reduce((sum, part) => sum + part.items, 0);
      return { batch: { ...batch, parts: items === 0 ? [] : parts, items }, dropped: [{ reason: 'filtered', items: batch.items - items }] };
    },
  }),
};

export interface World {
  readonly journal: Journal;
  readonly dir: string;
  readonly destinations: { readonly a: Destination; readonly b: Destination };
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly lines: string[];
  /** How far the monotonic clock of deliveries is ahead of the real one. */
  aheadMs: number;
  /** Appends a request of spans named `s<n>`, numbered through. */
  append(spans: number, change?: Partial<FrameInput>): Promise<void>;
  start(settings?: string, pipelines?: string): Promise<Delivery>;
  configuration(settings?: string, pipelines?: string): LoadedConfig;
  ledger(reader?: string): Promise<LedgerRow>;
  close(): Promise<void>;
}

const FAST = 'batch: { max_wait: 0s }, retry_on_failure: { initial_interval: 5ms, max_interval: 20ms }, circuit_breaker: { min_open: 5ms, max_open: 20ms }';

/** Numbers spans through, over all that it ever saw: `s3#4`. */
const numberingOf = (): Processor => {
  let count = 0;
  return {
    process(batch) {
      const parts = batch.parts.map((part) => {
        assert.ok(part.data.signal === 'traces');
        return { ...part, data: { signal: 'traces' as const, traces: traces(part.data.traces.resourceSpans[0]!.scopeSpans[0]!.spans.map((each) => ({ ...each, name: `${each.name}#${++count}` }))) } };
      });
      return { batch: { ...batch, parts }, dropped: [] };
    },
    state: { snapshot: () => Buffer.from(String(count)), restore: (bytes) => void (count = Number(Buffer.from(bytes).toString())) },
  };
};
const numbering: ProcessorFactory = { type: 'numbering', signals: ['traces'], parseConfig: () => ({}), create: numberingOf };

export async function createWorld(journalSettings: Partial<JournalSettings> = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-delivery-'));
  const journal = await Journal.open({ dir, minFreeShare: 0, maxBytes: 64 * 2 ** 20, segmentBytes: 2 ** 20, ...journalSettings });
  const destinations = { a: new Destination(), b: new Destination() };
  const metrics = createMetrics();
  const lines: string[] = [];
  const running = new Set<Delivery>();
  let spans = 0;

  const factory = (type: 'a' | 'b'): ExporterFactory => ({
    type,
    signals: ['traces', 'logs', 'metrics'],
    parseConfig: (raw, place) => parseSection(z.strictObject({}), raw, place),
    create: () => destinations[type],
  });
  const registry: Registry = { receivers: [otlp], processors: [odd, numbering], connectors: [], exporters: [factory('a'), factory('b')] };

  const world: World = {
    aheadMs: 0,
    journal,
    dir,
    destinations,
    metrics,
    lines,
    async append(count, change = {}) {
      const payload = Buffer.from(encodeTraces(traces(Array.from({ length: count }, () => span(spans, { name: `s${spans++}` })))));
      await journal.append({ signal: 'traces', encoding: 'otlp', tenant: 'default', items: count, rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n, payload, ...change });
    },
    configuration(settings = FAST, pipelines = 'traces: { receivers: [otlp], exporters: [a] }') {
      const text = `receivers: { otlp: {}, otlp/b: {} }\nprocessors: { odd: {}, numbering: {} }\nexporters: { a: { ${settings} }, b: { ${FAST} } }\nservice: { pipelines: { ${pipelines} } }`;
      return loadConfig({ text, file: '(test)', env: {}, registry, sections: {} });
    },
    async start(settings, pipelines) {
      const config = world.configuration(settings, pipelines);
      const logger = createLogger({ stream: { write: (line) => void lines.push(line) } });
      const delivery = await startDelivery({ config, registry, journalDir: dir, dataDir: dir, logger, clock: { nowNs: systemClock().nowNs, monotonicMs: () => performance.now() + world.aheadMs }, metrics, random: () => 0.5 });
      const tracked: Delivery = {
        get readers() {
          return delivery.readers;
        },
        reload: (next) => delivery.reload(next),
        stop: async (withinMs) => {
          running.delete(tracked);
          await delivery.stop(withinMs);
        },
      };
      running.add(tracked);
      return tracked;
    },
    async ledger(reader = 'traces→a') {
      const rows = (await readLedger(dir)).filter((row) => row.reader === reader);
      assert.equal(rows.length, 1, `one row of ${reader}`);
      return rows[0]!;
    },
    async close() {
      await Promise.all([...running].map((delivery) => delivery.stop(100)));
      await journal.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return world;
}

const UNTIL_MS = 60_000;

/** Waits for something to become true; fails after a minute. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); performance.now() - begun < UNTIL_MS; ) {
    if (await condition()) return;
    await sleep(5);
  }
  assert.fail(`never: ${what}`);
}

export function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `s${from + i}`);
}
