import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { Cursor } from './cursor.js';
import { JournalError } from './errors.js';
import { SMALL, child, exited, input, lossesBy, overwrite, payloadOf, readAll, readDir, segmentFiles, testScope, until } from './testing/fixture.test.js';
import { Journal } from './journal.js';
import type { JournalSettings } from './journal.js';
import { readLedger } from './ledger.js';
import { JournalReader } from './reader.js';
import { SegmentFile } from './segments/segment-file.js';

describe('JournalReader', () => {
  const scope = testScope();

  async function open(dir: string, settings: Partial<JournalSettings> = {}): Promise<{ journal: Journal; reader: JournalReader }> {
    const journal = await Journal.open({ ...SMALL, dir, ...settings });
    const reader = await JournalReader.open(dir);
    scope.defer(() => reader.close());
    scope.defer(() => journal.close());
    return { journal, reader };
  }

  const numbers = (frames: readonly { payload: Buffer }[]): number[] => frames.map((frame) => frame.payload.readUInt32LE(0));
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const all = { maxBytes: 1 << 20, wants: () => true };

  /** Where byte `offset` of the frame at `position` lies. */
  async function place(dir: string, position: number, offset: number): Promise<{ path: string; offset: number }> {
    for (const path of segmentFiles(dir)) {
      const file = await SegmentFile.open(dir, Number(path.slice(-20, -4)));
      if (file === null) continue;
      await file.close();
      const { base, dataOffset } = file.header;
      if (position >= base && position - base + dataOffset < file.fileBytes) return { path, offset: dataOffset + position - base + offset };
    }
    throw new Error(`no segment holds ${position}`);
  }

  async function damage(dir: string, position: number, offset: number): Promise<void> {
    const at = await place(dir, position, offset);
    const byte = Buffer.alloc(1);
    const fd = fs.openSync(at.path, 'r');
    fs.readSync(fd, byte, 0, 1, at.offset);
    fs.closeSync(fd);
    overwrite(at.path, at.offset, Buffer.of(byte[0]! ^ 0x10));
  }

  it('reads in another process while the writer has the directory', async () => {
    const dir = scope.dir();
    const { journal } = await open(dir);
    for (let i = 0; i < 30; i++) await journal.append(input({ payload: payloadOf(i, 100 * i) }));
    const other = child('./read-all.child.ts', [dir]);
    let out = '';
    other.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text));
    await exited(other);
    await until('output', () => out.split('\n').length === 31);
    assert.equal(out, range(0, 30).map((i) => `${i} ${Math.max(8, 100 * i)}\n`).join(''));
  });

  it('answers as many bytes as asked for, at least one frame', async () => {
    const { journal, reader } = await open(scope.dir());
    for (let i = 0; i < 10; i++) await journal.append(input({ payload: payloadOf(i, 1000) }));
    const first = await reader.read(0, { maxBytes: 3000, wants: () => true });
    assert.deepEqual(numbers(first.frames), [0, 1, 2]);
    assert.equal(first.next, first.frames[2]!.next);
    const second = await reader.read(first.next, { maxBytes: 1, wants: () => true });
    assert.deepEqual(numbers(second.frames), [3]);
    const third = await reader.read(second.next, { maxBytes: 1 << 20, maxFrames: 2, wants: () => true });
    assert.deepEqual(numbers(third.frames), [4, 5]);
    assert.deepEqual(await reader.read(journal.durable, all), { frames: [], next: journal.durable, evicted: [] });
  });

  it('passes over frames that are not wanted, by header', async () => {
    const { journal, reader } = await open(scope.dir());
    for (let i = 0; i < 60; i++) await journal.append(input({ signal: i % 20 === 7 ? 'logs' : 'traces', payload: payloadOf(i, 20_000) }));
    const { frames, next } = await readAll(reader, 0, (header) => header.signal === 'logs');
    assert.deepEqual(numbers(frames), [7, 27, 47]);
    assert.equal(next, journal.durable);
  });

  it('gives payloads that stay', async () => {
    const { journal, reader } = await open(scope.dir(), { maxBytes: 256 << 10, housekeepingMs: 10 });
    for (let i = 0; i < 5; i++) await journal.append(input({ payload: payloadOf(i, 3000) }));
    const { frames } = await reader.read(0, all);
    for (let i = 0; i < 100; i++) await journal.append(input({ payload: payloadOf(99, 10_000) }));
    await readAll(reader);
    for (const [i, frame] of frames.entries()) assert.deepEqual(frame.payload, payloadOf(i, 3000));
  });

  it('reads from any frame on, repeatedly and concurrently', async () => {
    const { journal, reader } = await open(scope.dir());
    const positions = [];
    for (let i = 0; i < 50; i++) positions.push((await journal.append(input({ payload: payloadOf(i, 5000) }))).position);
    const results = await Promise.all(positions.map((position) => readAll(reader, position)));
    for (const [i, { frames, lost }] of results.entries()) {
      assert.deepEqual(numbers(frames), range(i, 50));
      assert.deepEqual(lost, []);
    }
  });

  it('waits for more, for the timeout, or for the signal', async () => {
    const { journal, reader } = await open(scope.dir());
    const never = new AbortController().signal;
    const more = reader.wait(0, never, 60_000);
    await journal.append(input());
    await more;
    assert.ok(reader.durable() > 0);
    await reader.wait(journal.durable, never, 20);
    const stop = new AbortController();
    const stopped = reader.wait(journal.durable, stop.signal, 60_000);
    stop.abort();
    await stopped;
    const closed = reader.wait(journal.durable, never, 60_000);
    await reader.close();
    await closed;
  });

  it('waits for a journal that is not there yet, then says so', async () => {
    const dir = scope.dir();
    const opening = JournalReader.open(dir, { timeoutMs: 60_000 });
    const journal = await Journal.open({ ...SMALL, dir });
    scope.defer(() => journal.close());
    const reader = await opening;
    assert.equal(reader.id, journal.id);
    await reader.close();
    await assert.rejects(JournalReader.open(scope.dir(), { timeoutMs: 0 }), (error: unknown) => error instanceof JournalError && error.code === 'SBX_JOURNAL_MISSING' && /role receive/.test(error.message));
  });

  describe('eviction', () => {
    const flood = async (journal: Journal, from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i++) await journal.append(input({ tenant: i % 2 === 0 ? 'even' : 'odd', signal: i % 3 === 0 ? 'logs' : 'traces', items: i + 1, rejected: i % 5 === 0 ? [0] : [], payload: payloadOf(i, 9000) }));
    };
    const expectedLoss = (gone: readonly number[]): Record<string, number> => lossesBy(gone.map((i) => ({ tenant: i % 2 === 0 ? 'even' : 'odd', signal: i % 3 === 0 ? 'logs' as const : 'traces' as const, dropped: { evicted: i + 1 - (i % 5 === 0 ? 1 : 0) } })));
    const evicting = { maxBytes: 512 << 10, housekeepingMs: 10 };

    async function floodBeyond(journal: Journal, from: number, position: number): Promise<number> {
      let i = from;
      await until('eviction', async () => {
        await flood(journal, i, (i += 10));
        return journal.stats().oldest > position;
      });
      return i;
    }

    it('tells exactly how many items of each tenant and signal are gone, in the middle of reading', async () => {
      const { journal, reader } = await open(scope.dir(), evicting);
      const cursor = await Cursor.open({ dir: reader.dir, reader: 'slow', signals: ['traces', 'logs'], from: 'beginning' });
      scope.defer(() => cursor.close());
      await flood(journal, 0, 10);
      const before = await reader.read(0, { ...all, maxFrames: 5 });
      const end = await floodBeyond(journal, 10, before.next);
      const { frames, lost } = await readAll(reader, before.next);
      const seen = [...numbers(before.frames), ...numbers(frames)];
      assert.equal(seen.at(-1), end - 1);
      const gone = range(0, end).filter((i) => !seen.includes(i));
      assert.ok(gone.length > 0);
      assert.deepEqual(lossesBy(lost), expectedLoss(gone));
    });

    it('tells it after a restart too, from the cursor', async () => {
      const { journal, reader } = await open(scope.dir(), evicting);
      const { dir } = reader;
      let cursor = await Cursor.open({ dir, reader: 'slow', signals: ['traces', 'logs'], from: 'beginning' });
      await flood(journal, 0, 10);
      const before = await reader.read(0, { ...all, maxFrames: 5 });
      await cursor.commit({ position: before.next, changes: before.frames.map((frame) => ({ tenant: frame.tenant, signal: frame.signal, delivered: frame.items - frame.rejected.length })) });
      await cursor.close();
      const end = await floodBeyond(journal, 10, before.next);
      const pending = await readLedger(dir);
      assert.ok(pending.every((row) => row.balanced && row.dropped['evicted']! > 0), 'the ledger shows the loss before the reader does');

      const fresh = await JournalReader.open(dir);
      scope.defer(() => fresh.close());
      cursor = await Cursor.open({ dir, reader: 'slow', signals: ['traces', 'logs'], from: 'beginning' });
      scope.defer(() => cursor.close());
      const { frames, lost, next } = await readAll(fresh, cursor.position);
      const seen = [...numbers(before.frames), ...numbers(frames)];
      assert.deepEqual(lossesBy(lost), expectedLoss(range(0, end).filter((i) => !seen.includes(i))));
      await cursor.commit({ position: next, changes: [...lost, ...frames.map((frame) => ({ tenant: frame.tenant, signal: frame.signal, delivered: frame.items - frame.rejected.length }))] });
      for (const row of await readLedger(dir)) {
        assert.equal(row.balanced, true);
        assert.equal(row.queued, 0);
        assert.equal(row.dropped['evicted'], expectedLoss(range(0, end).filter((i) => !seen.includes(i)))[`${row.tenant} ${row.signal} evicted`]);
      }
    });

    it('stays exact when what was read is committed after its segment went', async () => {
      const { journal, reader } = await open(scope.dir(), evicting);
      const { dir } = reader;
      const cursor = await Cursor.open({ dir, reader: 'slow', signals: ['traces', 'logs'], from: 'beginning' });
      await flood(journal, 0, 10);
      const held = await reader.read(0, { ...all, maxFrames: 5 });
      const end = await floodBeyond(journal, 10, held.next);
      await cursor.commit({ position: held.next, changes: held.frames.map((frame) => ({ tenant: frame.tenant, signal: frame.signal, delivered: frame.items - frame.rejected.length })) });
      await cursor.close();
      const again = await Cursor.open({ dir, reader: 'slow', signals: ['traces', 'logs'], from: 'beginning' });
      const fresh = await JournalReader.open(dir);
      scope.defer(() => fresh.close());
      const { frames, lost, next } = await readAll(fresh, again.position);
      assert.deepEqual(lossesBy(lost), expectedLoss(range(5, end).filter((i) => !numbers(frames).includes(i))));
      await again.commit({ position: next, changes: [...lost, ...frames.map((frame) => ({ tenant: frame.tenant, signal: frame.signal, delivered: frame.items - frame.rejected.length }))] });
      assert.ok((await readLedger(dir)).every((row) => row.balanced && row.queued === 0));
      await again.close();
    });

    it('never shows a frame of a recycled segment as another, however the reads fall', async () => {
      const { journal, reader } = await open(scope.dir(), { maxBytes: 256 << 10, housekeepingMs: 10 });
      const lagging = await JournalReader.open(reader.dir);
      scope.defer(() => lagging.close());
      let at = 0;
      let last = -1;
      for (let i = 0; i < 1500; i++) {
        await journal.append(input({ payload: payloadOf(i, 1000 + ((i * 37) % 3000)) }));
        if (i % 10 !== 0) continue;
        const result = await lagging.read(at, { maxBytes: 6000, wants: () => true });
        for (const frame of result.frames) {
          const number = frame.payload.readUInt32LE(0);
          assert.ok(number > last, `${number} after ${last}`);
          assert.deepEqual(frame.payload, payloadOf(number, 1000 + ((number * 37) % 3000)));
          last = number;
        }
        at = result.next;
      }
      const { frames } = await readAll(lagging, at);
      assert.equal(numbers(frames).at(-1), 1499);
      assert.ok(segmentFiles(reader.dir).length <= 5);
    });
  });

  describe('damage', () => {
    async function twentyFrames(): Promise<{ dir: string; journal: Journal; reader: JournalReader; positions: number[] }> {
      const dir = scope.dir();
      const { journal, reader } = await open(dir);
      const positions = [];
      for (let i = 0; i < 40; i++) positions.push((await journal.append(input({ tenant: i % 2 === 0 ? 'even' : 'odd', items: i + 1, payload: payloadOf(i, 5000) }))).position);
      return { dir, journal, reader, positions };
    }

    it('in a payload costs that frame and is counted', async () => {
      const { dir, reader, positions } = await twentyFrames();
      await damage(dir, positions[3]!, 3000);
      const { frames, lost } = await readAll(reader);
      assert.deepEqual(numbers(frames), range(0, 40).filter((i) => i !== 3));
      assert.deepEqual(lossesBy(lost), { 'odd traces corrupt': 4 });
    });

    it('in a header costs that frame and is counted', async () => {
      for (const offset of [0, 4, 8, 9, 12, 20, 24, 40, 48, 70]) {
        const { dir, reader, positions, journal } = await twentyFrames();
        await damage(dir, positions[4]!, offset);
        const { frames, lost } = await readAll(reader);
        assert.deepEqual(numbers(frames), range(0, 40).filter((i) => i !== 4), `byte ${offset}`);
        assert.deepEqual(lossesBy(lost), { 'even traces corrupt': 5 }, `byte ${offset}`);
        await journal.close();
      }
    });

    it('of the last frames of a segment is counted by the next segment', async () => {
      const { dir, reader, positions, journal } = await twentyFrames();
      const second = (await SegmentFile.open(dir, 2))!;
      await second.close();
      const lastOfFirst = positions.findLastIndex((position) => position < second.header.base);
      await damage(dir, positions[lastOfFirst]!, 8);
      await damage(dir, positions[lastOfFirst - 1]!, 8);
      const { frames, lost } = await readAll(reader);
      assert.deepEqual(numbers(frames), range(0, 40).filter((i) => i !== lastOfFirst && i !== lastOfFirst - 1));
      const [odd, even] = lastOfFirst % 2 === 1 ? [lastOfFirst, lastOfFirst - 1] : [lastOfFirst - 1, lastOfFirst];
      assert.deepEqual(lossesBy(lost), { 'even traces corrupt': even + 1, 'odd traces corrupt': odd + 1 });
      await journal.close();
    });

    it('of a segment\'s header costs the segment and is counted, over a restart of the writer too', async () => {
      const { dir, journal, positions } = await twentyFrames();
      const [second, third] = await Promise.all([2, 3].map((sequence) => SegmentFile.open(dir, sequence)));
      await second!.close();
      await third!.close();
      overwrite(second!.path, 30, Buffer.from('damage'));
      const gone = range(0, 40).filter((i) => positions[i]! >= second!.header.base && positions[i]! < third!.header.base);
      const expected = lossesBy(gone.map((i) => ({ tenant: i % 2 === 0 ? 'even' : 'odd', signal: 'traces', dropped: { corrupt: i + 1 } })));
      for (const restarted of [false, true]) {
        const { frames, lost } = await readDir(dir);
        assert.deepEqual(numbers(frames), range(0, 40).filter((i) => !gone.includes(i)));
        assert.deepEqual(lossesBy(lost), expected);
        if (restarted) break;
        await journal.close();
        const again = await Journal.open({ ...SMALL, dir });
        scope.defer(() => again.close());
      }
    });

    it('leaves the ledger balanced once committed, and while it waits', async () => {
      const { dir, reader, positions } = await twentyFrames();
      const cursor = await Cursor.open({ dir, reader: 'r', signals: ['traces'], from: 'beginning' });
      scope.defer(() => cursor.close());
      await damage(dir, positions[4]!, 8);
      await damage(dir, positions[5]!, 3000);
      const waiting = await readLedger(dir);
      assert.deepEqual(waiting.map(({ tenant, queued, dropped, balanced }) => ({ tenant, queued, dropped, balanced })), [
        { tenant: 'even', queued: 400 - 5, dropped: { corrupt: 5 }, balanced: true },
        { tenant: 'odd', queued: 420, dropped: {}, balanced: true },
      ]);
      const { frames, lost, next } = await readAll(reader);
      await cursor.commit({ position: next, changes: [...lost, ...frames.map((frame) => ({ tenant: frame.tenant, signal: frame.signal, delivered: frame.items }))] });
      assert.deepEqual((await readLedger(dir)).map(({ tenant, queued, delivered, dropped, balanced }) => ({ tenant, queued, delivered, dropped, balanced })), [
        { tenant: 'even', queued: 0, delivered: 395, dropped: { corrupt: 5 }, balanced: true },
        { tenant: 'odd', queued: 0, delivered: 414, dropped: { corrupt: 6 }, balanced: true },
      ]);
    });

    it('does not take a frame inside a payload for one of the log', async () => {
      const { dir, journal, reader, positions } = await twentyFrames();
      const file = (await SegmentFile.open(dir, 1))!;
      const stolen = await file.read(positions[0]!, 5100); // whole, with the right salt, at the wrong place
      await file.close();
      const { position } = await journal.append(input({ payload: Buffer.concat([Buffer.alloc(8), stolen, Buffer.alloc(100)]) }));
      await journal.append(input({ payload: payloadOf(41) }));
      await damage(dir, position, 8);
      const { frames, lost } = await readAll(reader, position);
      assert.deepEqual(numbers(frames), [41]);
      assert.deepEqual(lossesBy(lost), { 'default traces corrupt': 10 });
    });

    it('of the position file shows nothing until the writer writes it anew', async () => {
      const { dir, journal } = await twentyFrames();
      overwrite(`${dir}/position`, 18, Buffer.of(0xff));
      const reader = await JournalReader.open(dir);
      scope.defer(() => reader.close());
      assert.equal(reader.durable(), 0);
      await journal.append(input({ payload: payloadOf(40) }));
      assert.deepEqual(numbers((await readAll(reader)).frames), range(0, 41));
    });
  });
});
