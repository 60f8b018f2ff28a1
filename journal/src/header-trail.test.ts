import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { Cursor } from './cursor.js';
import { cursorPath } from './cursors/cursor-file.js';
import { readCursorState } from './cursors/cursor-record.js';
import type { FrameHeader } from './frame.js';
import { HeaderTrail } from './header-trail.js';
import { Journal } from './journal.js';
import { readLedger } from './ledger.js';
import { JournalReader } from './reader.js';
import { SegmentFile } from './segments/segment-file.js';
import { SMALL, input, payloadOf, readAll, segmentFiles, testScope } from './testing/fixture.test.js';

describe('HeaderTrail', function () {
  this.timeout(180_000);
  const scope = testScope();

  async function journalOf(frames: number): Promise<{ dir: string; journal: Journal }> {
    const dir = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir });
    scope.defer(() => journal.close());
    await Promise.all(Array.from({ length: frames }, (_, i) => journal.append(input({ tenant: `t${i % 3}`, signal: i % 2 === 0 ? 'traces' : 'logs', items: 1 + (i % 4), rejected: i % 4 === 3 ? [1] : [], payload: payloadOf(i, 200 + ((i * 7919) % 9000)) }))));
    return { dir, journal };
  }

  async function readerOf(dir: string, trail?: HeaderTrail): Promise<JournalReader> {
    const reader = await JournalReader.open(dir, trail === undefined ? {} : { trail });
    scope.defer(() => reader.close());
    return reader;
  }

  async function cursorOf(dir: string, name: string, trail?: HeaderTrail): Promise<Cursor> {
    const cursor = await Cursor.open({ dir, reader: name, signals: ['traces', 'logs', 'metrics'], from: 'beginning', ...(trail === undefined ? {} : { trail }) });
    scope.defer(() => cursor.close());
    return cursor;
  }

  it('lets a cursor count what its reader has read, without the segments', async () => {
    const { dir: written, journal } = await journalOf(120);
    // Nobody writes into the copy.
    const dir = scope.dir();
    fs.cpSync(written, dir, { recursive: true });
    const reader = await readerOf(dir);
    const [counted, derived] = [await cursorOf(dir, 'counted', reader.trail), await cursorOf(dir, 'derived')];
    const { frames, next } = await readAll(reader);
    assert.deepEqual([frames.length, next], [120, journal.durable]);
    const segments = segmentFiles(dir);
    for (const path of segments) fs.renameSync(path, `${path}.away`);
    for (const cursor of [counted, derived]) await cursor.commit({ position: next, changes: [] });
    for (const path of segments) fs.renameSync(`${path}.away`, path);
    const fresh = await cursorOf(dir, 'fresh');
    await fresh.commit({ position: next, changes: [] });
    const state = async (name: string): Promise<unknown> => {
      const read = await readCursorState(cursorPath(dir, name), name);
      return { exact: read?.exact, accepted: read?.accepted.toJSON() };
    };
    assert.deepEqual(await state('counted'), await state('fresh'));
    assert.notDeepEqual(await state('derived'), await state('fresh'));
  });

  it('gives readers that share it the same frames, each its own', async () => {
    const { dir, journal } = await journalOf(150);
    for (const size of [0, 7, 60, 8192]) {
      const trail = new HeaderTrail(size);
      const wants: readonly ((header: FrameHeader) => boolean)[] = [() => true, ({ signal }) => signal === 'logs', ({ tenant }) => tenant === 't1', () => false, ({ position }) => position % 3 === 0];
      for (const each of [...wants, ...wants]) {
        const alone = await readAll(await readerOf(dir), 0, each, 20_000);
        const shared = await readAll(await readerOf(dir, trail), 0, each, 20_000);
        assert.deepEqual(shared, alone);
        assert.equal(shared.next, journal.durable);
      }
    }
  });

  it('reads no more ahead than is asked for', async () => {
    const { dir } = await journalOf(60);
    const read = SegmentFile.prototype.read;
    let bytes = 0;
    SegmentFile.prototype.read = async function (this: SegmentFile, ...args) {
      const chunk = await read.apply(this, args);
      bytes += chunk.length;
      return chunk;
    };
    try {
      const trail = new HeaderTrail();
      await readAll(await readerOf(dir, trail));
      const reader = await readerOf(dir, trail);
      const { frames } = await readAll(reader);
      const stop = frames[5]!.position;
      const stopsAt = ({ position }: FrameHeader): boolean => position === stop;
      const sizes: number[] = [];
      for (const options of [{}, { aheadTo: stop }]) {
        bytes = 0;
        const result = await reader.read(0, { maxBytes: 1 << 20, wants: () => true, stopsAt, ...options });
        assert.deepEqual([result.frames, result.next], [frames.slice(0, 5), stop]);
        sizes.push(bytes);
      }
      assert.ok(sizes[0]! > stop);
      assert.equal(sizes[1], stop);
      bytes = 0;
      assert.deepEqual((await reader.read(stop, { maxBytes: 1 << 20, wants: () => true, stopsAt })).next, stop);
      assert.equal(bytes, 0, 'where the header is known, nothing is read to stop at it');
      assert.deepEqual((await reader.read(0, { maxBytes: 1 << 20, wants: () => true, aheadTo: 1 })).frames.length > 0, true);
    } finally {
      SegmentFile.prototype.read = read;
    }
  });

  it('does not take a position within a frame for one between two', async () => {
    const { dir, journal } = await journalOf(10);
    const reader = await readerOf(dir);
    const { frames } = await readAll(reader);
    const cursor = await cursorOf(dir, 'r', reader.trail);
    await assert.rejects(cursor.commit({ position: frames[4]!.position + 8, changes: [] }), /not a position between two frames/);
    await cursor.commit({ position: journal.durable, changes: [] });
    assert.ok((await readLedger(dir)).every(({ queued }) => queued === 0));
  });
});
