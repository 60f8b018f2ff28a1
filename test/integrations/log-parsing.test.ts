import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake } from '@signalbox/collector/intake/intake';
import { filelog } from '@signalbox/collector/receivers/filelog/index';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { writeJsonLines } from '../../benchmarks/loadgen/json-lines.js';

const LINES = 100_000;

describe('parsing of generated log lines', () => {
  it('parses at least 99.99 % of a hundred thousand, each with time, level, message and ids', async () => {
    const root = mkdtempSync(join(tmpdir(), 'signalbox-parsing-'));
    mkdirSync(join(root, 'logs'));
    writeJsonLines(join(root, 'logs/app.log'), LINES);
    const clock = systemClock();
    const metrics = createMetrics();
    let records = 0;
    let whole = 0;
    const append = async ({ payload }: { readonly payload: Uint8Array }): Promise<{ position: number; duplicate: boolean }> => {
      for (const resource of decodeLogs(payload).resourceLogs) {
        for (const scope of resource.scopeLogs) {
          for (const record of scope.logRecords) {
            records++;
            if (record.timeNs > 0n && record.severityNumber > 0 && record.traceId.length === 32 && record.spanId.length === 16 && typeof record.body === 'string' && !record.body.startsWith('{') && record.attributes.length >= 5) whole++;
          }
        }
      }
      return { position: 0, duplicate: false };
    };
    const config = filelog.parseConfig({ include: [join(root, 'logs/*.log')], start_at: 'beginning', parse: 'json' }, detachedPlace('(test)'));
    const receiver = filelog.create(config, { id: 'filelog', logger: createLogger({ stream: { write: () => undefined } }), clock, metrics, dataDir: root, journalId: '', intake: createIntake({ journal: { append }, clock, metrics }), mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['logs'] });
    await receiver.start();
    try {
      for (let i = 0; records < LINES && i < 1000; i++) await sleep(50);
    } finally {
      await receiver.shutdown();
      rmSync(root, { recursive: true, force: true });
    }
    assert.equal(records, LINES);
    assert.ok(whole >= LINES * 0.9999, `${whole} of ${LINES}`);
  }).timeout(60_000);
});
