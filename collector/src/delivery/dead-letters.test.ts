import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { Logger } from '../component.js';
import { batchOf } from '../exporters/testing/context.js';
import { httpDestination } from '../exporters/testing/http-destination.js';
import { systemClock } from '../telemetry/clock.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { DeadLetters } from './dead-letters.js';
import { listDeadLetters, purgeDeadLetters, replayDeadLetter } from './dead-letters-replay.js';

const JOURNAL = '0190a7c5-1e3f-7a0b-9c2d-3e4f5a6b7c8d';

function logs(...lines: string[]): LogsData {
  return { resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: lines.map((body) => ({
    timeNs: 1n, observedTimeNs: 0n, severityNumber: 9, severityText: '', body, attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '',
  })) }] }] };
}

describe('delivery/dead-letters', () => {
  let dataDir: string;
  let codes: unknown[];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'signalbox-dead-'));
    codes = [];
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  function lettersOf(exporter: string, maxBytes = 2 ** 20): DeadLetters {
    const note = (_message: string, fields?: Record<string, unknown>): void => void codes.push(fields?.['code']);
    const logger: Logger = { debug: note, info: note, warn: note, error: note };
    return new DeadLetters({ dataDir, exporter, journalId: JOURNAL, maxBytes, clock: systemClock(), log: new RateLimitedLog(logger, systemClock()) });
  }
  const batch = batchOf('team', logs('a', 'b', 'c'), logs('d'));

  it('keeps each refused item with its id, its reason and its bytes', async () => {
    const kept = await lettersOf('loki/second').keep(batch, [{ item: 3, reason: 'too_old: it is older than the limit' }, { item: 1, reason: 'HTTP 400: line too long' }, { item: 0, reason: 'no_value' }]);
    assert.deepEqual([...kept], [1, 3]);
    const [found, ...more] = await listDeadLetters(dataDir);
    assert.equal(more.length, 0);
    assert.match(found!.id, /^loki\/second\/\d{13}-[0-9a-f]{8}$/);
    const { letter } = found!;
    assert.deepEqual([letter?.exporter, letter?.tenant, letter?.signal], ['loki/second', 'team', 'logs']);
    assert.deepEqual(letter?.items, [{ id: `${JOURNAL}:1000:1`, reason: 'HTTP 400: line too long' }, { id: `${JOURNAL}:2000:0`, reason: 'too_old: it is older than the limit' }]);
    const records = decodeLogs(Buffer.from(letter!.otlp, 'base64')).resourceLogs.flatMap((r) => r.scopeLogs.flatMap((s) => s.logRecords.map(({ body }) => body)));
    assert.deepEqual(records, ['b', 'd']);
    assert.deepEqual(await listDeadLetters(dataDir, 'loki'), []);
  });

  it('keeps no more than it may, says so once, and goes on when there is room again', async () => {
    const letters = lettersOf('loki', 8192);
    const refuse = (): Promise<ReadonlySet<number>> => letters.keep(batch, [{ item: 0, reason: 'too_old: really' }]);
    const sizes = (await Promise.all([refuse(), refuse(), refuse()])).map(({ size }) => size);
    assert.deepEqual(sizes, [1, 1, 0]);
    assert.deepEqual(codes, ['SBX_DEAD_LETTERS_FULL']);
    await purgeDeadLetters(await listDeadLetters(dataDir, 'loki'));
    assert.equal((await refuse()).size, 1);
  });

  it('counts what it cannot write as not kept', async () => {
    writeFileSync(join(dataDir, 'dead-letters'), 'a file where the folder should be');
    assert.equal((await lettersOf('loki').keep(batch, [{ item: 0, reason: 'too_old: really' }])).size, 0);
    assert.deepEqual(codes, ['SBX_DEAD_LETTERS_WRITE']);
  });

  it('names what it cannot read, and passes over what is unfinished', async () => {
    await lettersOf('loki').keep(batch, [{ item: 0, reason: 'too_old: really' }]);
    const dir = join(dataDir, 'dead-letters', 'loki');
    writeFileSync(join(dir, '0000000000001-00000000.json'), '{"version":1');
    writeFileSync(join(dir, '.0000000000002-00000000.json'), '{');
    const found = await listDeadLetters(dataDir);
    assert.deepEqual(found.map(({ letter }) => letter !== null), [false, true]);
    assert.match(found[0]?.problem ?? '', /JSON/);
    assert.match((await replayDeadLetter(found[0]!, { endpoint: 'http://127.0.0.1:1', token: null, timeoutMs: 1000 })).failure ?? '', /JSON/);
  });

  it('sends letters again as their sender would, and removes those that were taken', async () => {
    const letters = lettersOf('loki');
    await letters.keep(batch, [{ item: 0, reason: 'too_old: really' }]);
    const destination = await httpDestination((_, number) => (number === 1 ? { status: 503, body: 'busy' } : { status: 200 }));
    const options = { endpoint: destination.url, token: 'secret', timeoutMs: 5000 };
    const [found] = await listDeadLetters(dataDir);
    assert.deepEqual(await replayDeadLetter(found!, options), { id: found!.id, items: 1, failure: 'HTTP 503: busy' });
    assert.equal(existsSync(found!.file), true);
    assert.deepEqual(await replayDeadLetter(found!, options), { id: found!.id, items: 1, failure: null });
    assert.deepEqual(readdirSync(join(dataDir, 'dead-letters', 'loki')), []);
    const [first, second] = destination.seen;
    assert.equal(first?.path, '/v1/logs');
    assert.deepEqual([first.headers['x-scope-orgid'], first.headers.authorization], ['team', 'Bearer secret']);
    assert.equal(first.headers['signalbox-batch-id'], second?.headers['signalbox-batch-id']);
    await destination.close();
    await letters.keep(batch, [{ item: 0, reason: 'too_old: really' }]);
    const [again] = await listDeadLetters(dataDir);
    assert.match((await replayDeadLetter(again!, options)).failure ?? '', /ECONNREFUSED/);
  });
});
