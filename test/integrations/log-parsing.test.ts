import { strict as assert } from 'node:assert';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake } from '@signalbox/collector/intake/intake';
import { filelog } from '@signalbox/collector/receivers/filelog/index';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { BRACKETED, LOG_FORMATS, writeLogLines } from '../../benchmarks/loadgen/log-lines.js';
import { eventually } from './eventually.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/logs');
const GENERATED = 30_000;

interface FixtureExpectation {
  readonly settings: Readonly<Record<string, string>>;
  /** Records, of which one may be several lines. */
  readonly records: number;
  /** What is not of the format: kept as it is. */
  readonly raw: readonly string[];
}

/** The files of test/fixtures/logs. */
const FILES: Readonly<Record<string, FixtureExpectation>> = {
  'json.log': { settings: { parse: 'json' }, records: 5, raw: [] },
  'logfmt.log': { settings: { parse: 'logfmt' }, records: 4, raw: ['just words without any pair'] },
  'nginx-access.log': { settings: { parse: 'nginx' }, records: 5, raw: ['2026/11/21 10:00:03 [error] 12#12: *1 open() "/x" failed (2: No such file or directory)'] },
  'apache-access.log': { settings: { parse: 'apache' }, records: 3, raw: [] },
  'cri.log': { settings: { parse: 'cri' }, records: 4, raw: [] },
  'docker.log': { settings: { parse: 'cri' }, records: 2, raw: [] },
  'bracketed.log': { settings: { parse: 'regex', pattern: BRACKETED }, records: 5, raw: ['at a.b.Checkout.pay(Checkout.java:17)'] },
  'mixed.log': { settings: { parse: 'auto' }, records: 7, raw: ['only text'] },
};

/** Everything that a receiver makes of one file, and what it counted. */
async function readThrough(bring: (path: string) => void, records: number, settings: Readonly<Record<string, string>>): Promise<{ found: LogRecord[]; counted: number; unparsed: number }> {
  const root = mkdtempSync(join(tmpdir(), 'signalbox-parsing-'));
  mkdirSync(join(root, 'logs'));
  bring(join(root, 'logs/app.log'));
  const clock = systemClock();
  const metrics = createMetrics();
  const found: LogRecord[] = [];
  const append = async ({ payload }: { readonly payload: Uint8Array }): Promise<{ position: number; duplicate: boolean }> => {
    for (const resource of decodeLogs(payload).resourceLogs) for (const scope of resource.scopeLogs) found.push(...scope.logRecords);
    return { position: 0, duplicate: false };
  };
  const config = filelog.parseConfig({ include: [join(root, 'logs/*.log')], start_at: 'beginning', force_flush_period: '50ms', ...settings }, detachedPlace('(test)'));
  const receiver = filelog.create(config, { id: 'filelog', logger: createLogger({ stream: { write: () => undefined } }), clock, metrics, dataDir: root, journalId: '', intake: createIntake({ journal: { append }, clock, metrics }), mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['logs'] });
  const counter = (name: string): number => Number(new RegExp(`^signalbox_filelog_${name}_total\\{[^}]*\\} (\\d+)`, 'm').exec(metrics.expose())?.[1] ?? 0);
  await receiver.start();
  try {
    await eventually(async () => assert.ok(counter('records') >= records, `${counter('records')} of ${records}`));
  } finally {
    await receiver.shutdown();
    rmSync(root, { recursive: true, force: true });
  }
  return { found, counted: counter('records'), unparsed: counter('unparsed_records') };
}

describe('parsing of log lines', function () {
  this.timeout(240_000);

  for (const [file, { settings, records, raw }] of Object.entries(FILES)) {
    it(`reads ${file}: ${records - raw.length} records are parsed, ${raw.length} kept as they are`, async () => {
      const { found, counted, unparsed } = await readThrough((path) => copyFileSync(join(FIXTURES, file), path), records, settings);
      assert.deepEqual([found.length, counted], [records, records], 'every record is there, and counted');
      // What `auto` does not know is text, which is no failure.
      assert.equal(unparsed, settings['parse'] === 'auto' ? unparsed : raw.length);
      const untimed = found.filter(({ timeNs }) => timeNs === 0n);
      assert.deepEqual(untimed.map(({ body }) => body), raw, 'what is parsed has a time, and the rest is as it was');
      const text = readFileSync(join(FIXTURES, file), 'utf8');
      for (const line of raw) assert.ok(text.includes(line));
    });
  }

  for (const [name, format] of Object.entries(LOG_FORMATS)) {
    it(`parses at least 99.99 % of generated ${name}, each with its time`, async () => {
      const { found, counted, unparsed } = await readThrough((path) => writeLogLines(path, format, GENERATED), GENERATED, format.settings);
      assert.deepEqual([found.length, counted], [GENERATED, GENERATED]);
      assert.ok(unparsed <= GENERATED * 0.0001, `${unparsed} of ${GENERATED} are not parsed`);
      const whole = found.filter(({ timeNs, attributes }) => timeNs > 0n && !attributes.some(({ key }) => key === 'log.parse_error'));
      assert.ok(whole.length >= GENERATED * 0.9999, `${whole.length} of ${GENERATED} have a time`);
      if (name !== 'json') return;
      const complete = found.filter(({ severityNumber, traceId, spanId, body, attributes }) => severityNumber > 0 && traceId.length === 32 && spanId.length === 16 && typeof body === 'string' && !body.startsWith('{') && attributes.length >= 5);
      assert.ok(complete.length >= GENERATED * 0.9999, 'level, ids and message have their places');
    });
  }
});
