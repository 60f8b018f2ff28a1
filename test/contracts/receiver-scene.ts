import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receiver, ReceiverFactory } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake, type JournalIntake } from '@signalbox/collector/intake/intake';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { JournalError } from '@signalbox/journal/errors';
import type { Frame } from '@signalbox/journal/frame';
import { Journal } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import type { Signal } from '@signalbox/signals/model/signal';
import { eventually } from '../integrations/eventually.js';

export const TENANT = 'team-7';
const BUDGET_BYTES = 8 * 2 ** 20;
const NAMES: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' };

/** A receiver before a real journal, whose room the test can take away. */
export class ReceiverScene {
  readonly metrics = createMetrics();
  readonly lines: string[] = [];
  /** Appends are refused, as on a full disk. */
  isFull = false;
  refusals = 0;
  readonly #intake: JournalIntake;
  readonly #receivers: Receiver[] = [];

  private constructor(
    readonly dir: string,
    readonly journal: Journal,
  ) {
    this.#intake = createIntake({
      clock: systemClock(), metrics: this.metrics, maxInFlightBytes: BUDGET_BYTES, retryAfterMs: 50,
      journal: { append: (input) => {
        if (!this.isFull) return journal.append(input);
        this.refusals++;
        return Promise.reject(new JournalError('SBX_JOURNAL_FULL', 'the disk is full'));
      } },
    });
  }

  static async open(): Promise<ReceiverScene> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-receivers-'));
    return new ReceiverScene(dir, await Journal.open({ dir: join(dir, 'journal'), maxBytes: 256 * 2 ** 20, segmentBytes: 32 * 2 ** 20, minFreeShare: 0 }));
  }

  /** Every receiver gets the id of its type with a name. */
  async start<C>(factory: ReceiverFactory<C>, config: Record<string, unknown>): Promise<Receiver> {
    const id = `${factory.type}/contract`;
    const receiver = factory.create(factory.parseConfig(config, detachedPlace('(test)', ['receivers', id])), {
      id, clock: systemClock(), metrics: this.metrics, dataDir: this.dir, journalId: this.journal.id, intake: this.#intake.from(id), mounts: { post: () => undefined },
      logger: createLogger({ stream: { write: (line) => void this.lines.push(line) }, level: 'debug' }), auth: { write: () => ({ tenant: TENANT }) }, signals: factory.signals,
    });
    this.#receivers.push(receiver);
    await receiver.start();
    return receiver;
  }

  async stop(receiver: Receiver): Promise<void> {
    this.#receivers.splice(this.#receivers.indexOf(receiver), 1);
    await receiver.shutdown();
  }

  /** Takes the whole byte budget; answers how to give it back. */
  async takeBudget(): Promise<() => void> {
    await eventually(async () => assert.ok(this.#intake.take(BUDGET_BYTES), 'something is still in flight'));
    return () => this.#intake.give(BUDGET_BYTES);
  }

  async frames(): Promise<readonly Frame[]> {
    const reader = await JournalReader.open(join(this.dir, 'journal'));
    try {
      return (await reader.read(0, { maxBytes: 2 ** 30, wants: () => true })).frames;
    } finally {
      await reader.close();
    }
  }

  async items(): Promise<number> {
    return (await this.frames()).reduce((sum, { items, rejected }) => sum + items - rejected.length, 0);
  }

  /** A counter over all its labels. */
  counted(what: 'accepted' | 'refused', signal: Signal): number {
    const lines = this.metrics.expose().split('\n').filter((line) => line.startsWith(`otelcol_receiver_${what}_${NAMES[signal]}_total{`));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  refusedRequests(reason: string): number {
    const lines = this.metrics.expose().split('\n').filter((line) => line.startsWith('signalbox_receiver_refused_requests_total{') && line.includes(`reason="${reason}"`));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async close(): Promise<void> {
    for (const receiver of [...this.#receivers]) await this.stop(receiver);
    await this.journal.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}
