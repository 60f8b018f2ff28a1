import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameInput } from '@signalbox/journal/frame';
import { Journal } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { detachedPlace } from '../../config/place.js';
import { createIntake, type Appender } from '../../intake/intake.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { filelog } from './index.js';

export interface TailSetup {
  readonly root: string;
  readonly config?: Record<string, unknown>;
  readonly appender?: (journal: Journal) => Appender;
}

export async function temporaryRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'signalbox-filelog-'));
  await mkdir(join(root, 'logs'));
  return root;
}

/** A filelog receiver over `root/logs/*.log` before a journal in `root/journal`. */
export async function startTail({ root, config, appender }: TailSetup) {
  const journal = await Journal.open({ dir: join(root, 'journal'), maxBytes: 512 * 2 ** 20, segmentBytes: 32 * 2 ** 20, minFreeShare: 0 });
  const metrics = createMetrics();
  const clock = systemClock();
  const lines: string[] = [];
  const logger = createLogger({ stream: { write: (line) => void lines.push(line) }, level: 'debug' });
  const intake = createIntake({ journal: appender?.(journal) ?? journal, clock, metrics });
  const parsed = filelog.parseConfig({ include: [join(root, 'logs/*.log')], start_at: 'beginning', poll_interval: '20ms', force_flush_period: '100ms', ...config }, detachedPlace('(test)', ['receivers', 'filelog']));
  const receiver = filelog.create(parsed, { id: 'filelog', logger, clock, metrics, dataDir: root, journalId: journal.id, intake, mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['logs'] });
  await receiver.start();
  return {
    receiver,
    journal,
    metrics,
    lines,
    async stop(): Promise<void> {
      await receiver.shutdown();
      await journal.close();
    },
  };
}

/** Every record in the journal, in order. */
export async function recordsOf(root: string): Promise<LogRecord[]> {
  const reader = await JournalReader.open(join(root, 'journal'));
  const records: LogRecord[] = [];
  try {
    for (let from = 0; ;) {
      const { frames, next } = await reader.read(from, { maxBytes: 2 ** 26, wants: () => true });
      for (const frame of frames) for (const resource of decodeLogs(frame.payload, frame.rejected).resourceLogs) for (const scope of resource.scopeLogs) records.push(...scope.logRecords);
      if (next === from) return records;
      from = next;
    }
  } finally {
    await reader.close();
  }
}

export async function bodiesOf(root: string): Promise<unknown[]> {
  return (await recordsOf(root)).map((record) => record.body);
}

/** Waits until the journal has so many records, and looks a little later whether there are more. */
export async function waitForBodies(root: string, count: number): Promise<unknown[]> {
  await waitFor(async () => (await bodiesOf(root)).length >= count, async () => `${(await bodiesOf(root)).length} of ${count} records`);
  return bodiesOf(root);
}

export async function waitFor(done: () => boolean | Promise<boolean>, state: () => string | Promise<string> = () => ''): Promise<void> {
  const begun = performance.now();
  while (!(await done())) {
    if (performance.now() - begun > 60_000) assert.fail(`waited for 60 s: ${await state()}`);
    await sleep(20);
  }
}

export function numbered(from: number, count: number, width = 40): string[] {
  return Array.from({ length: count }, (_, i) => `line ${from + i} `.padEnd(width, 'x'));
}

export async function removeRoot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

export type { FrameInput };
