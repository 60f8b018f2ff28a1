import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signal } from '@signalbox/signals/model/signal';
import { decodeLogs, encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { Batch } from '../batch.js';
import { Spool } from './spool.js';

function batch(id: string, signal: Signal = 'logs', bytes: Uint8Array = new Uint8Array()): Batch {
  return { signal, items: 3, id, bytes: () => Promise.resolve(bytes) };
}

function logs(attributes: Record<string, string>): Uint8Array {
  const record = {
    timeNs: 1n, observedTimeNs: 1n, severityNumber: 9, severityText: '', body: 'hello', droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '',
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
  };
  return encodeLogs({ resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [record] }] }] });
}

describe('Spool', () => {
  let dir: string;
  const open: Spool[] = [];
  const lost: string[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-agent-spool-'));
    lost.length = 0;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((spool) => spool.close()));
    rmSync(dir, { recursive: true });
  });

  const create = (options: { maxBytes?: number; maxAgeMs?: number } = {}): Spool => {
    const spool = new Spool({ dir: join(dir, 'spool'), maxBytes: 1 << 20, maxAgeMs: 60_000, ...options, lost: (signal, items, reason) => lost.push(`${items} ${signal} ${reason}`) });
    open.push(spool);
    return spool;
  };
  const close = async (spool: Spool): Promise<void> => {
    open.splice(open.indexOf(spool), 1);
    await spool.close();
  };
  const drainIds = async (spool: Spool, signal: Signal): Promise<string[]> => {
    const ids: string[] = [];
    for (let waiting = await spool.of(signal).oldest(); waiting !== null; waiting = await spool.of(signal).oldest()) {
      ids.push(waiting.batch.id);
      await waiting.settle(true);
    }
    return ids;
  };

  it('makes nothing on disk before there is something to keep', async () => {
    assert.equal(await create().of('logs').oldest(), null);
    assert.deepEqual(readdirSync(dir), []);
  });

  it('answers batches in order, each signal for itself, and the same one until it is settled', async () => {
    const spool = create();
    for (const id of ['a', 'b']) assert.equal(await spool.of('logs').keep(batch(id)), null);
    await spool.of('traces').keep(batch('t', 'traces'));
    assert.equal((await spool.of('logs').oldest())?.batch.id, 'a');
    assert.deepEqual(await drainIds(spool, 'logs'), ['a', 'b']);
    assert.deepEqual(await drainIds(spool, 'logs'), []);
    assert.deepEqual(await drainIds(spool, 'traces'), ['t']);
  });

  it('hands everything on to the next process, with ids and content', async () => {
    const first = create();
    const bytes = logs({ shop: 'north' });
    await first.of('logs').keep(batch('a', 'logs', bytes));
    await first.of('logs').keep(batch('b'));
    await (await first.of('logs').oldest())?.settle(true);
    await first.of('logs').keep(batch('c', 'logs', bytes));
    await close(first);
    const second = create();
    const waiting = await second.of('logs').oldest();
    assert.equal(waiting?.batch.id, 'b');
    assert.equal(waiting.batch.items, 3);
    await waiting.settle(true);
    const next = await second.of('logs').oldest();
    assert.deepEqual(Uint8Array.from((await next?.batch.bytes()) ?? []), Uint8Array.from(bytes));
  });

  it('gives each process a folder, and takes over what those left that are gone', async () => {
    const first = create();
    const second = create();
    await first.of('logs').keep(batch('a'));
    await second.of('logs').keep(batch('b'));
    await second.of('traces').keep(batch('t', 'traces'));
    const third = create();
    assert.deepEqual(await drainIds(third, 'logs'), [], 'others are still running');
    await close(first);
    await close(second);
    await close(third);
    const fourth = create();
    assert.deepEqual(await drainIds(fourth, 'logs'), ['a', 'b']);
    assert.deepEqual(await drainIds(fourth, 'traces'), ['t']);
    assert.deepEqual(readdirSync(join(dir, 'spool')).filter((name) => /^\d+$/.test(name)), ['0']);
  });

  it('keeps within its bytes: the oldest go, and are counted', async () => {
    const spool = create();
    const bytes = logs({ text: 'x'.repeat(100_000) });
    for (let n = 0; n < 30; n++) await spool.of('logs').keep(batch(String(n), 'logs', Uint8Array.from(bytes)));
    const ids = await drainIds(spool, 'logs');
    assert.equal(ids.at(-1), '29');
    assert.ok(ids.length >= 2 && ids.length < 12, String(ids.length));
    assert.deepEqual(lost, [`${3 * (30 - ids.length)} logs evicted`]);
  });

  it('gives up what has waited too long', async () => {
    const first = create();
    await first.of('logs').keep(batch('a'));
    await close(first);
    assert.deepEqual(await drainIds(create({ maxAgeMs: -1 }), 'logs'), []);
    assert.deepEqual(lost, ['3 logs expired']);
  });

  it('never writes the values of secrets', async () => {
    const spool = create();
    await spool.of('logs').keep(batch('a', 'logs', logs({ authorization: 'Bearer top-secret', shop: 'north' })));
    const kept = decodeLogs((await (await spool.of('logs').oldest())?.batch.bytes()) ?? new Uint8Array());
    const values = kept.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.attributes.map(({ value }) => value);
    assert.deepEqual(values, ['*'.repeat('Bearer top-secret'.length), 'north']);
    const folder = join(dir, 'spool', '0');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes('north')));
    for (const entry of files) assert.ok(!readFileSync(join(entry.parentPath, entry.name)).includes('top-secret'), entry.name);
  });

  it('says what can never be kept, and goes on', async () => {
    const spool = create();
    const failure = await spool.of('logs').keep(batch('a', 'logs', logs({ text: 'x'.repeat(400_000) })));
    assert.equal(failure?.retryable, false);
    assert.match(failure.text, /cannot be kept on disk/);
    assert.equal(await spool.of('logs').keep(batch('b')), null);
    assert.deepEqual(await drainIds(spool, 'logs'), ['b']);
  });

  it('rejects while there is no place for it, and works once there is', async () => {
    writeFileSync(join(dir, 'spool'), '');
    const spool = create();
    await assert.rejects(spool.of('logs').keep(batch('a')));
    rmSync(join(dir, 'spool'));
    mkdirSync(join(dir, 'spool'));
    assert.equal(await spool.of('logs').keep(batch('a')), null);
    assert.deepEqual(await drainIds(spool, 'logs'), ['a']);
  });

  it('rejects with the path that cannot be made, where the system lets nothing be made', async function () {
    if (!existsSync('/proc/self')) this.skip();
    const spool = new Spool({ dir: '/proc/signalbox/spool', maxBytes: 1 << 20, maxAgeMs: 60_000, lost: () => undefined });
    await assert.rejects(spool.of('logs').keep(batch('a')), /'\/proc\/signalbox'/);
  });
});
