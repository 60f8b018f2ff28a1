import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Cursor } from './cursor.js';
import type { CursorOptions } from './cursor.js';
import { cursorPath } from './cursors/cursor-file.js';
import { JournalError } from './errors.js';
import { SMALL, crashCopy, input, overwrite, payloadOf, testScope, until } from './testing/fixture.test.js';
import { Journal } from './journal.js';
import type { JournalSettings } from './journal.js';
import { readLedger } from './ledger.js';

describe('Cursor', () => {
  const scope = testScope();

  async function journalWith(frames: number, settings: Partial<JournalSettings> = {}): Promise<{ dir: string; journal: Journal; ends: number[] }> {
    const dir = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir, ...settings });
    scope.defer(() => journal.close());
    const ends: number[] = [];
    for (let i = 0; i < frames; i++) {
      await journal.append(input({ items: 1, payload: payloadOf(i, 1000) }));
      ends.push(journal.durable);
    }
    return { dir, journal, ends };
  }

  async function open(dir: string, fields: Partial<CursorOptions> = {}): Promise<Cursor> {
    const cursor = await Cursor.open({ dir, reader: 'r', signals: ['traces', 'logs', 'metrics'], from: 'beginning', ...fields });
    scope.defer(() => cursor.close());
    return cursor;
  }

  const delivered = (items: number): { tenant: string; signal: 'traces'; delivered: number } => ({ tenant: 'default', signal: 'traces', delivered: items });
  const isCursorError = (text: RegExp) => (error: unknown): boolean => error instanceof JournalError && error.code === 'SBX_JOURNAL_CURSOR' && text.test(error.message);

  it('keeps position and counters over a reopening', async () => {
    const { dir, ends } = await journalWith(5);
    const cursor = await open(dir);
    assert.equal(cursor.position, 0);
    await cursor.commit({ position: ends[1]!, changes: [delivered(2)] });
    await cursor.commit({ position: ends[2]!, changes: [{ tenant: 'default', signal: 'traces', dropped: { filtered: 1 }, redelivered: 7, outcomeUnknown: 3 }] });
    await cursor.close();
    assert.equal((await open(dir)).position, ends[2]);
    assert.deepEqual((await readLedger(dir)).map(({ oldestQueuedNs: _, ...row }) => row), [
      { reader: 'r', tenant: 'default', signal: 'traces', accepted: 5, delivered: 2, queued: 2, dropped: { filtered: 1 }, redelivered: 7, outcomeUnknown: 3, lagBytes: ends[4]! - ends[2]!, balanced: true },
    ]);
  });

  it('begins at the end when told so, and counts from there', async () => {
    const { dir, journal } = await journalWith(5);
    const cursor = await open(dir, { from: 'end' });
    assert.equal(cursor.position, journal.durable);
    await journal.append(input({ items: 4 }));
    assert.deepEqual((await readLedger(dir)).map(({ accepted, queued, balanced }) => ({ accepted, queued, balanced })), [{ accepted: 4, queued: 4, balanced: true }]);
  });

  it('shares a write among the commits of one moment', async () => {
    const { dir, ends } = await journalWith(100);
    const cursor = await open(dir);
    await Promise.all(ends.map((position) => cursor.commit({ position, changes: [delivered(1)] })));
    assert.equal(cursor.position, ends[99]);
    const [row] = await readLedger(dir);
    assert.equal(row!.delivered, 100);
    assert.equal(row!.balanced, true);
  });

  it('never goes backward, beyond the end, or into a frame', async () => {
    const { dir, journal, ends } = await journalWith(3);
    const cursor = await open(dir);
    await cursor.commit({ position: ends[1]!, changes: [delivered(2)] });
    await assert.rejects(cursor.commit({ position: ends[0]!, changes: [] }), isCursorError(/told to go back/));
    await assert.rejects(cursor.commit({ position: NaN, changes: [] }), isCursorError(/go back/));
    await assert.rejects(cursor.commit({ position: journal.durable + 8, changes: [] }), isCursorError(/the log ends at/));
    await assert.rejects(cursor.commit({ position: ends[1]! + 8, changes: [delivered(1)] }), isCursorError(/not a position between two frames/));
    await assert.rejects(cursor.commit({ position: ends[2]!, changes: [delivered(-1)] }), isCursorError(/-1/));
    await cursor.commit({ position: ends[2]!, changes: [delivered(1)] });
    assert.ok((await readLedger(dir)).every((row) => row.balanced && row.queued === 0));
  });

  it('leaves out changes of signals that are not its own', async () => {
    const { dir, journal, ends } = await journalWith(2);
    await journal.append(input({ signal: 'logs', items: 9 }));
    const cursor = await open(dir, { signals: ['logs'] });
    await cursor.commit({ position: ends[1]!, changes: [{ tenant: 'default', signal: 'traces', dropped: { evicted: 2 } }] });
    assert.deepEqual((await readLedger(dir)).map(({ signal, accepted, queued, balanced }) => ({ signal, accepted, queued, balanced })), [{ signal: 'logs', accepted: 9, queued: 9, balanced: true }]);
  });

  it('counts a signal that is added later from where it stands', async () => {
    const { dir, journal } = await journalWith(2);
    await journal.append(input({ signal: 'logs', items: 9 }));
    const cursor = await open(dir, { signals: ['traces'] });
    await cursor.commit({ position: journal.durable, changes: [delivered(2)] });
    await cursor.close();
    await journal.append(input({ signal: 'logs', items: 5 }));
    await open(dir, { signals: ['traces', 'logs'] });
    assert.deepEqual((await readLedger(dir)).map(({ signal, accepted, queued, delivered, balanced }) => ({ signal, accepted, queued, delivered, balanced })), [
      { signal: 'traces', accepted: 2, queued: 0, delivered: 2, balanced: true },
      { signal: 'logs', accepted: 5, queued: 5, delivered: 0, balanced: true },
    ]);
  });

  it('survives a torn record: the one before it counts', async () => {
    const { dir, ends } = await journalWith(4);
    const cursor = await open(dir);
    await cursor.commit({ position: ends[0]!, changes: [delivered(1)] });
    await cursor.commit({ position: ends[1]!, changes: [delivered(1)] });
    await cursor.close();
    const path = cursorPath(dir, 'r');
    const slotBytes = fs.statSync(path).size / 2;
    overwrite(path, 1 * slotBytes + 60, Buffer.from('torn')); // generation 3
    const again = await open(dir);
    assert.equal(again.position, ends[0]);
    await again.commit({ position: ends[2]!, changes: [delivered(2)] });
    await again.close();
    assert.equal((await open(dir)).position, ends[2]);
    assert.ok((await readLedger(dir)).every((row) => row.balanced));
    overwrite(path, 60, Buffer.from('torn'));
    overwrite(path, slotBytes + 60, Buffer.from('torn'));
    await assert.rejects(open(dir), isCursorError(/damaged .*remove the file/));
  });

  it('grows its record with the number of tenants', async () => {
    const { dir, journal } = await journalWith(0);
    const cursor = await open(dir);
    for (let i = 0; i < 400; i++) await journal.append(input({ tenant: `tenant-with-a-rather-long-name-${i}`, items: 1 }));
    await cursor.commit({ position: journal.durable, changes: Array.from({ length: 400 }, (_, i) => ({ tenant: `tenant-with-a-rather-long-name-${i}`, signal: 'traces', delivered: 1 })) });
    await cursor.close();
    assert.equal((await open(dir)).position, journal.durable);
    const rows = await readLedger(dir);
    assert.equal(rows.length, 400);
    assert.ok(rows.every((row) => row.balanced && row.delivered === 1));
  });

  it('takes any name', async () => {
    const { dir, ends } = await journalWith(1);
    const names = ['logs/eu→loki/second', '..', 'a b*?%', 'ünï\n', '__proto__'];
    for (const reader of names) await (await open(dir, { reader })).commit({ position: ends[0]!, changes: [delivered(1)] });
    assert.deepEqual(await Cursor.list(dir), [...names].sort());
    assert.ok(fs.readdirSync(join(dir, 'cursors')).every((name) => /^[\w.%'()!~-]+\.cursor$/.test(name)));
    assert.deepEqual(fs.readdirSync(join(dir, '..')).filter((name) => name.endsWith('.cursor')), []);
    assert.equal((await readLedger(dir)).length, names.length);
    await assert.rejects(open(dir, { reader: '→'.repeat(40) }), isCursorError(/too long/));
    await assert.rejects(open(dir, { reader: '' }), isCursorError(/empty/));
  });

  it('has dropped reasons and tenants of any name', async () => {
    const { dir, journal } = await journalWith(0);
    await journal.append(input({ tenant: '__proto__', items: 3 }));
    const cursor = await open(dir);
    await cursor.commit({ position: journal.durable, changes: [{ tenant: '__proto__', signal: 'traces', delivered: 1, dropped: Object.fromEntries([['__proto__', 1], ['constructor', 1]]) }] });
    await cursor.close();
    const [row] = await readLedger(dir);
    assert.equal(row!.balanced, true);
    assert.deepEqual(Object.entries(row!.dropped), [['__proto__', 1], ['constructor', 1]]);
  });

  it('holds segments until it passed them, or is removed', async () => {
    const { dir, journal, ends } = await journalWith(300, { housekeepingMs: 10 });
    const slow = await open(dir, { reader: 'slow' });
    const fast = await open(dir, { reader: 'fast' });
    await fast.commit({ position: journal.durable, changes: [delivered(300)] });
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(journal.stats().oldest, 0);
    await slow.commit({ position: ends[150]!, changes: [delivered(151)] });
    await until('first half recycled', () => journal.stats().oldest > 0);
    assert.ok(journal.stats().oldest <= ends[150]!);
    await slow.close();
    await Cursor.remove(dir, 'slow');
    await until('all but the last recycled', () => journal.stats().segments === 1);
    assert.deepEqual(await Cursor.list(dir), ['fast']);
    assert.deepEqual((await readLedger(dir)).map(({ reader, balanced }) => ({ reader, balanced })), [{ reader: 'fast', balanced: true }]);
  });

  it('belongs to its journal: with another one the reader begins anew', async () => {
    const { dir, ends } = await journalWith(2);
    await (await open(dir)).commit({ position: ends[1]!, changes: [delivered(2)] });
    const other = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir: other });
    scope.defer(() => journal.close());
    await journal.append(input({ items: 8 }));
    fs.cpSync(join(dir, 'cursors'), join(other, 'cursors'), { recursive: true });
    assert.deepEqual(await readLedger(other), []);
    assert.equal((await open(other)).position, 0);
    assert.deepEqual((await readLedger(other)).map(({ accepted, queued }) => ({ accepted, queued })), [{ accepted: 8, queued: 8 }]);
  });

  it('is never passed by new frames, whatever became of the segments', async () => {
    const { dir, journal, ends } = await journalWith(20);
    await (await open(dir)).commit({ position: ends[19]!, changes: [delivered(20)] });
    const copy = scope.dir();
    crashCopy(dir, copy);
    await journal.close();
    for (const name of fs.readdirSync(copy)) if (name.endsWith('.seg') || name === 'position') fs.rmSync(join(copy, name));
    const again = await Journal.open({ ...SMALL, dir: copy });
    scope.defer(() => again.close());
    assert.equal((await again.append(input({ items: 3 }))).position, ends[19]);
    assert.deepEqual((await readLedger(copy)).map(({ accepted, delivered, queued, balanced }) => ({ accepted, delivered, queued, balanced })), [{ accepted: 23, delivered: 20, queued: 3, balanced: true }]);
  });

  it('needs a journal', async () => {
    await assert.rejects(open(scope.dir()), (error: unknown) => error instanceof JournalError && error.code === 'SBX_JOURNAL_MISSING');
  });
});
