import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Cursor } from '../cursor.js';
import { nodeDisk } from '../storage/disk.js';
import type { Disk } from '../storage/disk.js';
import { SMALL, crashCopy, input, payloadOf, readDir, segmentFiles, testScope, until } from '../testing/fixture.test.js';
import { Journal } from '../journal.js';
import type { JournalSettings } from '../journal.js';
import { segmentPath } from '../storage/layout.js';
import { PositionReader } from '../storage/position-file.js';
import { SegmentPool } from './segment-pool.js';

describe('SegmentPool', () => {
  const scope = testScope();

  async function open(settings: Partial<JournalSettings> & { dir: string }): Promise<Journal> {
    const journal = await Journal.open({ ...SMALL, housekeepingMs: 10, ...settings });
    scope.defer(() => journal.close());
    return journal;
  }

  const inodes = (dir: string): number[] => segmentFiles(dir).map((path) => fs.statSync(path).ino);
  const spares = (dir: string): string[] => fs.readdirSync(dir).filter((name) => name.endsWith('.spare'));

  /** Appends no faster than segments are made ready. */
  async function fill(journal: Journal, dir: string, segments: number): Promise<void> {
    const published = new PositionReader(dir);
    for (let i = 0; i < segments * 4; i++) {
      await journal.append(input({ payload: payloadOf(i, 20_000) }));
      await until('the next segment', () => fs.existsSync(segmentPath(dir, published.read().sequence + 1)));
    }
    published.close();
  }

  it('tells once that a segment cannot be made ready, with the remedy, and once that it can again', async () => {
    const told: { message: string; code?: unknown }[] = [];
    const tell = (message: string, fields: object = {}): void => { told.push({ message, ...fields }); };
    let full = false;
    let tries = 0;
    const disk: Disk = { ...nodeDisk, writev: (fd, buffers, offset) => {
      if (!full) return nodeDisk.writev(fd, buffers, offset);
      tries++;
      return Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
    } };
    const pool = new SegmentPool(scope.dir(), 64 << 10, 1, disk, { info: tell, warn: tell, error: tell });
    scope.defer(() => pool.close());
    full = true;
    await until('three tries', () => {
      pool.prepare(1);
      return tries >= 3;
    });
    full = false;
    await until('it is told', () => {
      pool.prepare(1);
      return told.some(({ message }) => message.includes('made ready again'));
    });
    assert.equal(told.length, 2, JSON.stringify(told));
    assert.equal(told[0]!.code, 'SBX_JOURNAL_FULL');
    assert.match(told[0]!.message, /disk is full.*free space/);
  });

  it('writes new segments into the files of old ones, without filling them with zeros again', async () => {
    const dir = scope.dir();
    let zeros = 0;
    const disk: Disk = { ...nodeDisk, writev: (fd, buffers, offset) => {
      if (buffers.length === 1 && buffers[0]!.every((byte) => byte === 0)) zeros += buffers[0]!.length;
      return nodeDisk.writev(fd, buffers, offset);
    } };
    const journal = await open({ dir, disk, maxBytes: 320 << 10 });
    await fill(journal, dir, 8);
    const before = new Set(inodes(dir));
    zeros = 0;
    await fill(journal, dir, 20);
    assert.ok(inodes(dir).every((inode) => before.has(inode)), 'the same files');
    assert.ok(zeros < 256 << 10, `${zeros} bytes of zeros for 20 segments`);
    assert.ok(journal.stats().bytes <= 320 << 10);
  });

  it('is filled ahead: a segment that was made ready has its whole size', async () => {
    const dir = scope.dir();
    await open({ dir });
    await until('the next segment', () => segmentFiles(dir).length === 2 && fs.statSync(segmentFiles(dir)[1]!).size === 64 << 10);
    assert.ok(fs.readFileSync(segmentFiles(dir)[1]!).every((byte) => byte === 0));
  });

  it('goes on with what a crash left ready or kept for reuse, and removes what is too much', async () => {
    const dir = scope.dir();
    const journal = await open({ dir, maxBytes: 2 << 20 });
    const cursor = await Cursor.open({ dir, reader: 'r', signals: ['traces'], from: 'beginning' });
    await fill(journal, dir, 10);
    await cursor.commit({ position: journal.durable, changes: [{ tenant: 'default', signal: 'traces', delivered: 400 }] });
    await cursor.close();
    await until('spares', () => spares(dir).length === 4 && segmentFiles(dir).length === 2);
    const crashed = scope.dir();
    crashCopy(dir, crashed);
    fs.copyFileSync(join(crashed, spares(crashed)[0]!), join(crashed, '0000000000009999.seg')); // made ready with another sequence
    fs.copyFileSync(join(crashed, spares(crashed)[0]!), join(crashed, '0000000000000000.seg.spare'));
    const again = await open({ dir: crashed, maxBytes: 2 << 20 });
    assert.equal(spares(crashed).length, 4);
    assert.ok(!fs.existsSync(join(crashed, '0000000000009999.seg')));
    await fill(again, crashed, 3);
    assert.equal((await readDir(crashed, journal.durable)).frames.length, 12);
  });

  it('is written by whole blocks: behind the newest frame nothing is left of what was there in its block', async () => {
    const dir = scope.dir();
    const journal = await open({ dir, maxBytes: 320 << 10 });
    await fill(journal, dir, 20);
    const published = new PositionReader(dir);
    for (let n = 0; n < 5; n++) {
      await journal.append(input({ payload: payloadOf(n, 5000) }));
      const { durable, sequence } = published.read();
      const segment = fs.readFileSync(segmentPath(dir, sequence));
      const end = segment.readUInt32LE(64) + durable - Number(segment.readBigUInt64LE(24));
      assert.ok(segment.subarray(end, Math.ceil(end / 4096) * 4096).every((byte) => byte === 0), `behind ${end}`);
    }
    published.close();
  });
});
