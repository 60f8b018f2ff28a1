import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readU64, writeU64 } from '../storage/bytes.js';
import { Cursor } from '../cursor.js';
import { SMALL, crashCopy, input, payloadOf, readDir, segmentFiles, testScope, until } from '../testing/fixture.test.js';
import { acceptedItems } from '../frame.js';
import type { FrameSignal } from '../frame.js';
import { Journal } from '../journal.js';
import type { JournalSettings } from '../journal.js';
import { JournalError } from '../errors.js';
import { readLedger } from '../ledger.js';
import type { LedgerChange } from '../ledger.js';
import { JournalReader } from '../reader.js';

describe('Origins', function () {
  this.timeout(180_000);
  const scope = testScope();

  async function open(dir = scope.dir(), settings: Partial<JournalSettings> = {}): Promise<{ dir: string; journal: Journal }> {
    const journal = await Journal.open({ ...SMALL, dir, ...settings });
    scope.defer(() => journal.close());
    return { dir, journal };
  }

  async function cursorOf(dir: string, reader: string, origins?: readonly string[], signals: readonly FrameSignal[] = ['traces']): Promise<Cursor> {
    const cursor = await Cursor.open({ dir, reader, signals, from: 'beginning', ...(origins === undefined ? {} : { origins }) });
    scope.defer(() => cursor.close());
    return cursor;
  }

  /** Reads up to the end as a reader of these origins does, and commits once. */
  async function deliver(dir: string, cursor: Cursor, origins: readonly string[], signal: FrameSignal = 'traces'): Promise<number> {
    const reader = await JournalReader.open(dir);
    const changes: LedgerChange[] = [];
    let items = 0;
    let at = cursor.position;
    while (at < reader.durable()) {
      const { frames, next, evicted } = await reader.read(at, { maxBytes: 1 << 20, wants: (header) => header.signal === signal && (header.origin === '' || origins.includes(header.origin)) });
      changes.push(...evicted);
      for (const frame of frames) {
        items += acceptedItems(frame);
        changes.push({ tenant: frame.tenant, signal: frame.signal, origin: frame.origin, delivered: acceptedItems(frame) });
      }
      at = next;
    }
    await cursor.commit({ position: at, changes });
    await reader.close();
    return items;
  }

  const shown = async (dir: string): Promise<string[]> => (await readLedger(dir)).map((row) => {
    assert.equal(row.balanced, true, `${row.reader} ${row.tenant} ${row.signal}`);
    return `${row.reader} ${row.tenant} ${row.accepted} = ${row.delivered} + ${row.queued} + ${Object.values(row.dropped).reduce((sum, items) => sum + items, 0)}`;
  });

  it('are kept in frames, with a few bytes each', async () => {
    const { dir, journal } = await open();
    await journal.append(input({ origin: 'otlp/ünï' }));
    await journal.append(input({}));
    assert.deepEqual((await readDir(dir)).frames.map(({ origin }) => origin), ['otlp/ünï', '']);
    const before = journal.durable;
    for (let i = 0; i < 100; i++) await journal.append(input({ origin: 'otlp', payload: payloadOf(i, 1000) }));
    assert.ok((journal.durable - before) / 100_000 < 1.1);
    for (const origin of ['x'.repeat(256), 'a\0b']) await assert.rejects(journal.append(input({ origin })), (error) => error instanceof JournalError && error.code === 'SBX_JOURNAL_FRAME_INVALID');
  });

  it('have their own counts in the ledger of who reads them alone; frames without one belong to all', async () => {
    const { dir, journal } = await open();
    await cursorOf(dir, 'a', ['otlp']);
    await cursorOf(dir, 'b', ['kafka', 'otlp/2']);
    await cursorOf(dir, 'c');
    for (let i = 0; i < 10; i++) {
      await journal.append(input({ origin: 'otlp', items: 2 }));
      await journal.append(input({ origin: 'otlp/2', items: 30, tenant: i % 2 === 0 ? 'default' : 'other' }));
      await journal.append(input({ origin: 'otlp/2', items: 5, signal: 'logs' }));
    }
    await journal.append(input({ items: 1000 }));
    await journal.append(input({ origin: 'nobody', items: 7 }));
    assert.deepEqual(await shown(dir), ['a default 1020 = 0 + 1020 + 0', 'b default 1150 = 0 + 1150 + 0', 'b other 150 = 0 + 150 + 0', 'c default 1177 = 0 + 1177 + 0', 'c other 150 = 0 + 150 + 0']);
    const a = await Cursor.open({ dir, reader: 'a', signals: ['traces'], origins: ['otlp'], from: 'beginning' });
    assert.equal(await deliver(dir, a, ['otlp']), 1020);
    await a.close();
    assert.equal((await shown(dir))[0], 'a default 1020 = 1020 + 0 + 0');
  });

  it('survive restarts and crashes of the writer with their counts', async () => {
    const { dir, journal } = await open();
    const cursor = await cursorOf(dir, 'r', ['a']);
    for (let i = 0; i < 60; i++) await journal.append(input({ origin: i % 3 === 0 ? 'a' : 'b', items: 1, payload: payloadOf(i, 4000) }));
    assert.equal(await deliver(dir, cursor, ['a']), 20);
    await cursor.close();
    const copy = scope.dir();
    crashCopy(dir, copy);
    const again = await open(copy);
    for (let i = 0; i < 6; i++) await again.journal.append(input({ origin: i % 3 === 0 ? 'a' : 'b', items: 1 }));
    assert.deepEqual(await shown(copy), ['r default 22 = 20 + 2 + 0']);
    await again.journal.close();
    await open(copy);
    assert.deepEqual(await shown(copy), ['r default 22 = 20 + 2 + 0']);
  });

  it('are told apart in what was evicted', async () => {
    const { dir, journal } = await open(scope.dir(), { maxBytes: 512 << 10, housekeepingMs: 10 });
    const a = await cursorOf(dir, 'a', ['a']);
    const b = await cursorOf(dir, 'b', ['b']);
    let appended = 0;
    await until('eviction', async () => {
      for (let i = 0; i < 20; i++, appended++) await journal.append(input({ origin: appended % 4 === 0 ? 'a' : 'b', items: 3, payload: payloadOf(i, 5000) }));
      return journal.stats().oldest > 0;
    });
    const items = { a: Math.ceil(appended / 4) * 3, b: (appended - Math.ceil(appended / 4)) * 3 };
    for (const row of await readLedger(dir)) assert.ok(row.balanced && row.dropped['evicted']! > 0 && row.accepted === items[row.reader as 'a' | 'b']);
    await deliver(dir, a, ['a']);
    await deliver(dir, b, ['b']);
    for (const row of await readLedger(dir)) assert.ok(row.balanced && row.queued === 0 && row.dropped['evicted']! > 0 && row.accepted === items[row.reader as 'a' | 'b']);
  });

  it('stay right when frames are recycled between reading and the commit', async () => {
    const { dir, journal } = await open(scope.dir(), { maxBytes: 512 << 10, housekeepingMs: 10 });
    const cursor = await cursorOf(dir, 'r', ['a', 'b']);
    for (let i = 0; i < 12; i++) await journal.append(input({ origin: ['a', 'b', 'c'][i % 3]!, items: 1 + (i % 3), payload: payloadOf(i, 4000) }));
    const reader = await JournalReader.open(dir);
    scope.defer(() => reader.close());
    const { frames, next } = await reader.read(0, { maxBytes: 1 << 20, wants: ({ origin }) => origin !== 'c' });
    await until('all of them are recycled', async () => {
      for (let i = 0; i < 10; i++) await journal.append(input({ origin: ['a', 'b', 'c'][i % 3]!, items: 1 + (i % 3), payload: payloadOf(i, 5000) }));
      return journal.stats().oldest > next;
    });
    await cursor.commit({ position: next, changes: frames.map(({ tenant, signal, origin, items }) => ({ tenant, signal, origin, delivered: items })) });
    assert.match((await shown(dir))[0]!, /^r default \d+ = 12 \+ \d+ \+ \d+$/);
    await deliver(dir, cursor, ['a', 'b']);
    assert.match((await shown(dir))[0]!, /^r default \d+ = \d+ \+ 0 \+ \d+$/);
  });

  it('that a reader takes from now on count from where it stands; those it gave up leave its ledger', async () => {
    const { dir, journal } = await open();
    let cursor = await cursorOf(dir, 'r', ['a', 'b']);
    const append = async (): Promise<void> => {
      for (const [origin, items] of [['a', 1], ['b', 10], ['c', 100]] as const) await journal.append(input({ origin, items }));
    };
    await append();
    assert.equal(await deliver(dir, cursor, ['a', 'b']), 11);
    await append();
    await cursor.close();
    cursor = await cursorOf(dir, 'r', ['b', 'c']);
    assert.deepEqual(cursor.left, [{ tenant: 'default', signal: 'traces', origin: 'a', items: 1 }]);
    assert.deepEqual(await shown(dir), ['r default 120 = 10 + 110 + 0']);
    assert.equal(await deliver(dir, cursor, ['b', 'c']), 110);
    assert.deepEqual(await shown(dir), ['r default 120 = 120 + 0 + 0']);
    await cursor.close();
    cursor = await cursorOf(dir, 'r');
    await append();
    assert.deepEqual(await shown(dir), ['r default 231 = 120 + 111 + 0']);
    await cursor.close();
    await cursorOf(dir, 'r', ['a']);
    assert.deepEqual(await shown(dir), ['r default 1 = 0 + 1 + 0']);
  });

  it('of a journal in format 1 are unknown: it is read and gone on with, and its ledger holds', async () => {
    const { dir, journal } = await open();
    const cursor = await cursorOf(dir, 'r');
    for (let i = 0; i < 5; i++) await journal.append(input({ items: 2 }));
    await cursor.commit({ position: (await readDir(dir)).frames[1]!.next, changes: [{ tenant: 'default', signal: 'traces', delivered: 4 }] });
    await cursor.close();
    await journal.close();
    toVersion1(dir);
    const again = await open(dir);
    assert.equal((JSON.parse(fs.readFileSync(join(dir, 'journal.json'), 'utf8')) as { version: number }).version, 2);
    await again.journal.append(input({ origin: 'a', items: 100 }));
    await again.journal.append(input({ origin: 'b', items: 1000 }));
    assert.deepEqual((await readDir(dir)).frames.map(({ origin, items }) => `${origin} ${items}`), [' 2', ' 2', ' 2', ' 2', ' 2', 'a 100', 'b 1000']);
    assert.deepEqual(await shown(dir), ['r default 1110 = 4 + 1106 + 0']);
    const known = await cursorOf(dir, 'r', ['a']);
    assert.deepEqual(await shown(dir), ['r default 110 = 4 + 106 + 0']);
    assert.equal(await deliver(dir, known, ['a']), 106);
    assert.deepEqual(await shown(dir), ['r default 110 = 110 + 0 + 0']);
  });

  /** Turns files of version 2 that hold no origins into what version 1 wrote, with their checksums. */
  function toVersion1(dir: string): void {
    const identity = JSON.parse(fs.readFileSync(join(dir, 'journal.json'), 'utf8')) as { id: string };
    fs.writeFileSync(join(dir, 'journal.json'), JSON.stringify({ version: 1, id: identity.id }));
    const [path] = segmentFiles(dir);
    const bytes = fs.readFileSync(path!);
    assert.equal(bytes.readUInt32LE(52), 0, 'the first segment begins before the first tenant');
    bytes.writeUInt16LE(1, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(8, bytes.readUInt32LE(12))), 4);
    const salt = bytes.readUInt32LE(48);
    for (let at = bytes.indexOf('SBXF'); at >= 0; at = bytes.indexOf('SBXF', at + 8)) {
      const headerBytes = bytes.readUInt32LE(at + 8);
      bytes[at + 20] = 1;
      bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, at + headerBytes), salt), at + 4);
    }
    fs.writeFileSync(path!, bytes);
    const cursor = join(dir, 'cursors', 'r.cursor');
    const file = fs.readFileSync(cursor);
    for (const slot of [file.subarray(0, file.length / 2), file.subarray(file.length / 2)]) {
      if (readU64(slot, 16) === 0) continue;
      const { origins: _, rows, accepted, start, ...rest } = JSON.parse(slot.toString('utf8', 40, 40 + slot.readUInt32LE(12))) as { origins: null; rows: unknown[][]; accepted: unknown[][]; start: { position: number; accepted: unknown[][] } };
      const old = Buffer.from(JSON.stringify({ ...rest, start: { ...start, accepted: start.accepted.map((row) => row.slice(0, 4)) }, accepted: accepted.map((row) => row.slice(0, 4)), rows: rows.map((row) => row.slice(0, 6)) }));
      const generation = readU64(slot, 16);
      slot.writeUInt16LE(1, 8);
      slot.writeUInt32LE(old.length, 12);
      writeU64(slot, generation, 16);
      old.copy(slot, 40);
      slot.writeUInt32LE(crc32(slot.subarray(8, 40 + old.length)), 4);
    }
    fs.writeFileSync(cursor, file);
  }
});
