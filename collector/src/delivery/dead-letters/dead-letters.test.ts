import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { countItems } from '@signalbox/signals/otlp/count';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { UNLIMITED_WRITE } from '@signalbox/signals/prometheus/remote-write/limits';
import type { WriteRequest } from '@signalbox/signals/prometheus/remote-write/types';
import type { Batch, BatchPart, Logger } from '../../component.js';
import { batchOf, partOf } from '../../exporters/testing/context.js';
import { httpDestination } from '../../exporters/testing/http-destination.js';
import { systemClock } from '../../telemetry/clock.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { DeadLetters } from './dead-letters.js';
import { listDeadLetters, purgeDeadLetters, replayDeadLetter, type FoundLetter } from './dead-letters-replay.js';
import { sampleData } from '../reading/sample-data.js';

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
    assert.match((await replayDeadLetter(found[0]!, { endpoint: 'http://127.0.0.1:1', token: null, timeoutMs: 60_000 })).failure ?? '', /JSON/);
  });

  it('sends letters again as their sender would, and removes those that were taken', async () => {
    const letters = lettersOf('loki');
    await letters.keep(batch, [{ item: 0, reason: 'too_old: really' }]);
    const destination = await httpDestination((_, number) => (number === 1 ? { status: 503, body: 'busy' } : { status: 200 }));
    const options = { endpoint: destination.url, token: 'secret', timeoutMs: 60_000 };
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

  describe('of Prometheus samples', () => {
    const write: WriteRequest = { series: ['a', 'b'].map((name) => ({ labels: [['__name__', name], ['le.ü', 'x']], timesMs: Float64Array.of(1000, 2000), values: Float64Array.of(1, 2), startsMs: null, histograms: [], exemplars: [], metadata: null })) };
    const otlp = partOf({ resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'c', description: '', unit: '', metadata: [], values: { type: 'gauge', dataPoints: [{ attributes: [], startNs: 0n, timeNs: 1n, flags: 0, value: 3, exemplars: [] }] } }] }] }] }, 10);
    const samples: BatchPart = { position: 20, receivedNs: 0n, data: sampleData(write), items: 4, ordinals: Uint32Array.of(0, 1, 2, 3) };
    const mixed: Batch = { tenant: 'team', signal: 'metrics', parts: [otlp, samples], items: 5 };
    const reason = 'out_of_order: it is';

    it('are kept as they came, apart from what came as OTLP', async () => {
      await lettersOf('prom').keep(mixed, [{ item: 4, reason }, { item: 0, reason }, { item: 2, reason }]);
      const letters = (await listDeadLetters(dataDir)).map(({ letter }) => letter!).sort((a, b) => a.items.length - b.items.length);
      assert.deepEqual(letters.map(({ items }) => items.map(({ id }) => id)), [[`${JOURNAL}:10:0`], [`${JOURNAL}:20:1`, `${JOURNAL}:20:3`]]);
      assert.equal(letters[0]!.samples, undefined);
      const kept = decodeWriteV2(Buffer.from(letters[1]!.samples!, 'base64'), UNLIMITED_WRITE);
      assert.deepEqual(kept.series.map(({ labels, values }) => [labels[0]![1], [...values]]), [['a', [2]], ['b', [2]]]);
      assert.equal(countItems(decodeMetrics(Buffer.from(letters[1]!.otlp, 'base64'))), 2);
    });

    it('are sent again by remote write, or as OTLP where nobody takes that', async () => {
      const keep = async (): Promise<FoundLetter> => {
        await lettersOf('prom').keep(mixed, [{ item: 2, reason }]);
        return (await listDeadLetters(dataDir))[0]!;
      };
      let status = 204;
      const destination = await httpDestination(({ path }) => (path === '/v1/metrics' ? { status: 200 } : { status, body: 'out of bounds' }));
      const options = { endpoint: destination.url, queryEndpoint: destination.url, token: 'secret', timeoutMs: 60_000 };
      assert.equal((await replayDeadLetter(await keep(), options)).failure, null);
      const [first] = destination.seen;
      assert.equal(first?.path, '/prometheus/api/v1/write');
      assert.deepEqual([first.headers['x-scope-orgid'], first.headers.authorization], ['team', 'Bearer secret']);
      const { uncompress } = await import('snappy');
      assert.deepEqual(decodeWriteV2((await uncompress(first.body)) as Buffer, UNLIMITED_WRITE).series.map(({ labels, values }) => [labels, [...values]]), [[write.series[0]!.labels, [2]]]);
      status = 400;
      const refused = await keep();
      assert.equal((await replayDeadLetter(refused, options)).failure, 'HTTP 400: out of bounds');
      assert.equal(existsSync(refused.file), true);
      status = 404;
      assert.equal((await replayDeadLetter(refused, options)).failure, null);
      assert.deepEqual(destination.seen.map(({ path }) => path).slice(1), ['/prometheus/api/v1/write', '/prometheus/api/v1/write', '/v1/metrics']);
      assert.deepEqual(await listDeadLetters(dataDir), []);
      await destination.close();
    });
  });
});
