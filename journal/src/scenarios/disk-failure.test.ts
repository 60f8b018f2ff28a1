import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Cursor } from '../cursor.js';
import { nodeDisk, writeFully } from '../storage/disk.js';
import type { Disk } from '../storage/disk.js';
import { JournalError } from '../errors.js';
import { SMALL, crashCopy, input, payloadOf, readDir, testScope, until } from '../testing/fixture.test.js';
import { Journal } from '../journal.js';
import { readLedger } from '../ledger.js';

/** A disk that fails when told to. */
class FailingDisk implements Disk {
  write: NodeJS.ErrnoException | null = null;
  sync: NodeJS.ErrnoException | null = null;
  share = 1;
  /** Writes at most so many bytes at once. */
  shortBytes = Infinity;

  async writev(fd: number, buffers: readonly Uint8Array[], offset: number): Promise<number> {
    if (this.write !== null) {
      await nodeDisk.writev(fd, [buffers[0]!.subarray(0, buffers[0]!.length / 2)], offset); // something arrives all the same
      throw this.write;
    }
    if (this.shortBytes === Infinity) return nodeDisk.writev(fd, buffers, offset);
    const first = buffers.find((buffer) => buffer.length > 0);
    return first === undefined ? 0 : nodeDisk.writev(fd, [first.subarray(0, this.shortBytes)], offset);
  }

  async datasync(fd: number): Promise<void> {
    await nodeDisk.datasync(fd);
    if (this.sync !== null) throw this.sync;
  }

  freeShare(): Promise<number> {
    return Promise.resolve(this.share);
  }
}

const systemError = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code}: made by a test`), { code });
const rejectsWith = (code: string, text: RegExp) => (error: unknown): boolean => error instanceof JournalError && error.code === code && text.test(error.message);
const numbersOf = async (dir: string): Promise<number[]> => (await readDir(dir)).frames.map((frame) => frame.payload.readUInt32LE(0));

describe('A failing disk', function () {
  this.timeout(180_000);
  const scope = testScope();

  async function open(dir: string, disk: Disk): Promise<Journal> {
    const journal = await Journal.open({ ...SMALL, dir, disk, housekeepingMs: 10 });
    scope.defer(() => journal.close());
    return journal;
  }

  for (const [name, code, expected, text] of [['write', 'ENOSPC', 'SBX_JOURNAL_FULL', /disk is full.*free space/], ['write', 'EIO', 'SBX_JOURNAL_WRITE_FAILED', /EIO.*check the disk/], ['sync', 'EIO', 'SBX_JOURNAL_WRITE_FAILED', /EIO/], ['sync', 'ENOSPC', 'SBX_JOURNAL_FULL', /full/]] as const) {
    it(`that refuses a ${name} with ${code} costs those appends; later ones succeed and nothing in between is shown`, async () => {
      const dir = scope.dir();
      const disk = new FailingDisk();
      const journal = await open(dir, disk);
      const cursor = await Cursor.open({ dir, reader: 'r', signals: ['traces'], from: 'beginning' });
      scope.defer(() => cursor.close());
      for (let round = 0; round < 3; round++) {
        await journal.append(input({ payload: payloadOf(10 * round) }));
        const before = journal.durable;
        disk[name] = systemError(code);
        for (let attempt = 0; attempt < 3; attempt++) {
          const results = await Promise.allSettled([1, 2, 3].map((i) => journal.append(input({ payload: payloadOf(10 * round + i, 3000), batchId: `b${round}` + i }))));
          for (const each of results) assert.ok(each.status === 'rejected' && rejectsWith(expected, text)(each.reason), JSON.stringify(each));
        }
        assert.equal(journal.durable, before);
        assert.equal((await readDir(dir)).next, before);
        disk[name] = null;
        // As long as the first of the refused ones, so that the others lie where the log goes on.
        const retry = await journal.append(input({ payload: payloadOf(10 * round + 1, 3000), batchId: `b${round}1` }));
        assert.deepEqual(retry, { position: before, duplicate: false });
        const crashed = scope.dir();
        crashCopy(dir, crashed);
        fs.rmSync(join(crashed, 'position'));
        await (await open(crashed, nodeDisk)).close();
        assert.deepEqual(await numbersOf(crashed), await numbersOf(dir));
        assert.deepEqual((await readLedger(dir)).map(({ accepted, queued, balanced }) => ({ accepted, queued, balanced })), [{ accepted: 20 * (round + 1), queued: 20 * (round + 1), balanced: true }]);
      }
      assert.deepEqual(await numbersOf(dir), [0, 1, 10, 11, 20, 21]);
      assert.deepEqual((await readDir(dir)).lost, []);
      assert.ok(journal.stats().segments < 15, 'failures do not pile up files');

      const crashed = scope.dir();
      crashCopy(dir, crashed);
      const recovered = await open(crashed, nodeDisk);
      await recovered.append(input({ payload: payloadOf(30) }));
      assert.deepEqual(await numbersOf(crashed), [0, 1, 10, 11, 20, 21, 30]);
    });
  }

  it('that failed just before a crash leaves whole frames or none, and the next ones behind them', async () => {
    const dir = scope.dir();
    const disk = new FailingDisk();
    const journal = await open(dir, disk);
    await journal.append(input({ payload: payloadOf(0) }));
    disk.sync = systemError('EIO');
    await assert.rejects(journal.append(input({ payload: payloadOf(1), items: 5 })));
    const crashed = scope.dir();
    crashCopy(dir, crashed);
    disk.sync = null;
    const recovered = await open(crashed, nodeDisk);
    await recovered.append(input({ payload: payloadOf(2) }));
    assert.deepEqual(await numbersOf(crashed), [0, 1, 2]); // refused, but whole: at least once
    assert.deepEqual((await readDir(crashed)).lost, []);
  });

  it('that writes a few bytes at a time loses none', async () => {
    const dir = scope.dir();
    const disk = new FailingDisk();
    const journal = await open(dir, disk);
    disk.shortBytes = 700;
    await Promise.all(Array.from({ length: 40 }, (_, i) => journal.append(input({ payload: payloadOf(i, 500 * i) }))));
    const { frames } = await readDir(dir);
    for (const [i, frame] of frames.entries()) assert.deepEqual(frame.payload, payloadOf(i, 500 * i));
    assert.equal(frames.length, 40);
  });

  it('that takes nothing at all is an error, not an endless loop', async () => {
    const disk: Disk = { ...nodeDisk, writev: () => Promise.resolve(0) };
    await assert.rejects(writeFully(disk, 0, [Buffer.from('x')], 0), /took no bytes/);
    await writeFully(disk, 0, [Buffer.alloc(0)], 0);
  });

  it('with too little free space refuses appends with the remedy, until there is space', async () => {
    const dir = scope.dir();
    const disk = new FailingDisk();
    const journal = await Journal.open({ ...SMALL, dir, disk, minFreeShare: 0.1, housekeepingMs: 10 });
    scope.defer(() => journal.close());
    await journal.append(input());
    disk.share = 0.04;
    await until('refusal', () => journal.stats().full);
    await assert.rejects(journal.append(input()), rejectsWith('SBX_JOURNAL_FULL', /4\.0 % free.*10\.0 %.*free space.*journal\.min_free_share/));
    disk.share = 0.2;
    await until('space', () => !journal.stats().full);
    await journal.append(input());
    assert.equal((await readDir(dir)).frames.length, 2);
  });

  it('a real full file system costs the appends that do not fit; freed, it goes on', async function () {
    const mount = join(scope.dir(), 'small');
    fs.mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      return this.skip(); // needs the right to mount
    }
    scope.defer(() => execFileSync('umount', [mount]));
    const journal = await Journal.open({ dir: join(mount, 'journal'), maxBytes: 64 << 20, segmentBytes: 1 << 20, minFreeShare: 0, housekeepingMs: 10 });
    scope.defer(() => journal.close());
    const acknowledged: number[] = [];
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      try {
        await journal.append(input({ payload: payloadOf(i, 100_000) }));
        acknowledged.push(i);
      } catch (error) {
        assert.ok(rejectsWith('SBX_JOURNAL_FULL', /disk is full/)(error), String(error));
        refused++;
      }
    }
    assert.ok(acknowledged.length > 15 && refused > 15, `${acknowledged.length} acknowledged, ${refused} refused`);
    assert.deepEqual(await numbersOf(join(mount, 'journal')), acknowledged);
    execFileSync('mount', ['-o', 'remount,size=16m', mount]);
    await journal.append(input({ payload: payloadOf(1000, 100_000) }));
    await journal.close();
    const again = await Journal.open({ dir: join(mount, 'journal'), maxBytes: 64 << 20, segmentBytes: 1 << 20, minFreeShare: 0 });
    scope.defer(() => again.close());
    await again.append(input({ payload: payloadOf(1001, 100_000) }));
    assert.deepEqual(await numbersOf(join(mount, 'journal')), [...acknowledged, 1000, 1001]);
  });
});
