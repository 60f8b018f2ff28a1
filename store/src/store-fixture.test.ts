import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@signalbox/journal/journal';
import type { FrameSignal } from '@signalbox/journal/frame';
import { readLedger, type LedgerRow } from '@signalbox/journal/ledger';
import type { ReadContext } from '@signalbox/query/readers';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import { countItems } from '@signalbox/signals/otlp/count';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { StoreLogger } from './logger.js';
import { Store } from './store.js';
import type { StoreSettingsInput } from './settings.js';

/** Keeps messages, for tests that look at them. */
export class KeptLog implements StoreLogger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> | undefined }[] = [];
  debug(message: string, fields?: Record<string, unknown>): void { this.lines.push({ level: 'debug', message, fields }); }
  info(message: string, fields?: Record<string, unknown>): void { this.lines.push({ level: 'info', message, fields }); }
  warn(message: string, fields?: Record<string, unknown>): void { this.lines.push({ level: 'warn', message, fields }); }
  error(message: string, fields?: Record<string, unknown>): void { this.lines.push({ level: 'error', message, fields }); }
}

/** A store on a real journal in a temporary directory. */
export class StoreFixture {
  readonly log = new KeptLog();
  private constructor(readonly dir: string, public journal: Journal, public store: Store, private readonly settings: StoreSettingsInput) {}

  static async open(settings: StoreSettingsInput = {}): Promise<StoreFixture> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-store-'));
    const journal = await Journal.open({ dir: join(dir, 'journal') });
    const log = new KeptLog();
    const store = await Store.open({ dir: join(dir, 'store'), journalDir: join(dir, 'journal'), settings, logger: log });
    return Object.assign(new StoreFixture(dir, journal, store, settings), { log });
  }

  get storeDir(): string {
    return join(this.dir, 'store');
  }

  async reopen(settings: StoreSettingsInput = this.settings): Promise<void> {
    await this.store.close();
    this.store = await Store.open({ dir: this.storeDir, journalDir: join(this.dir, 'journal'), settings, logger: this.log });
  }

  async appendTraces(data: TracesData, tenant = 'default', rejected: readonly number[] = []): Promise<void> {
    await this.append('traces', encodeTraces(data), countItems(data), tenant, rejected);
  }

  async appendLogs(data: LogsData, tenant = 'default'): Promise<void> {
    await this.append('logs', encodeLogs(data), countItems(data), tenant);
  }

  async appendMetrics(data: MetricsData, tenant = 'default'): Promise<void> {
    await this.append('metrics', encodeMetrics(data), countItems(data), tenant);
  }

  async append(signal: FrameSignal, payload: Uint8Array, items: number, tenant = 'default', rejected: readonly number[] = []): Promise<void> {
    await this.journal.append({ signal, encoding: 'otlp', tenant, items, rejected, receivedNs: BigInt(Date.now()) * 1_000_000n, payload });
  }

  /** Waits until the store shows everything that was acknowledged. */
  async fresh(): Promise<void> {
    const until = Date.now() + 120_000;
    while (!(await this.store.catchUp(this.journal.durable, new AbortController().signal)).reached) {
      if (Date.now() > until) throw new Error(`the store stays behind: ${JSON.stringify(this.log.lines.at(-1))}`);
    }
  }

  async ledger(): Promise<LedgerRow[]> {
    return (await readLedger(join(this.dir, 'journal'))).filter((row) => row.reader === 'store');
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.journal.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export function context(tenant = 'default', signal = new AbortController().signal): ReadContext {
  return { tenant, signal };
}

let spanIds = 0;

export function span(fields: Partial<Span> = {}): Span {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c', spanId: (++spanIds).toString(16).padStart(16, '0'), traceState: '', parentSpanId: '', flags: 257, name: 'GET /', kind: 2,
    startNs: 1_700_000_000_000_000_000n, endNs: 1_700_000_000_005_000_000n, attributes: [], droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0,
    status: { code: 0, message: '' }, ...fields,
  };
}

export function traces(service: string, spans: readonly Span[]): TracesData {
  return {
    resourceSpans: [{
      resource: { attributes: [{ key: 'service.name', value: service }, { key: 'host.name', value: 'h1' }], droppedAttributesCount: 0 }, schemaUrl: '',
      scopeSpans: [{ scope: { name: 'test', version: '1', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', spans }],
    }],
  };
}
