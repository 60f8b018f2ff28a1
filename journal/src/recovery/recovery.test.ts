import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SMALL, crashCopy, input, overwrite, payloadOf, readDir, segmentFiles, testScope } from '../testing/fixture.test.js';
import { frameBytesOf, encodeFrameHeader, headerBytesOf } from '../segments/frame-header.js';
import { Journal } from '../journal.js';
import { readLedger } from '../ledger.js';
import { Cursor } from '../cursor.js';
import { SegmentFile } from '../segments/segment-file.js';

/** The bytes of a frame as the writer would put them at a position. */
function frameBytes(position: number, salt: number, payload: Buffer, items: number, acceptedBefore: number): Buffer {
  const fields = { signal: 'traces', encoding: 'otlp', tenant: Buffer.from('default'), batchId: Buffer.alloc(0), origin: Buffer.alloc(0), items, rejected: [], receivedNs: 1n, payloadBytes: payload.length, payloadCrc: crc32(payload) } as const;
  const headerBytes = headerBytesOf(fields);
  const bytes = Buffer.alloc(frameBytesOf(headerBytes, payload.length));
  encodeFrameHeader(bytes, 0, fields, position, acceptedBefore, salt);
  payload.copy(bytes, headerBytes);
  return bytes;
}

describe('Recovery', function () {
  this.timeout(180_000);
  const scope = testScope();

  /** A journal with three frames, as a crash leaves it; `tail` is what lies behind the last acknowledged frame. */
  async function crashed(tail: (position: number, salt: number) => Buffer, change: (dir: string) => void = () => undefined): Promise<{ dir: string; end: number }> {
    const origin = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir: origin });
    for (let i = 0; i < 3; i++) await journal.append(input({ items: 1, payload: payloadOf(i, 500) }));
    const end = journal.durable;
    const dir = scope.dir();
    crashCopy(origin, dir);
    await journal.close();
    const file = (await SegmentFile.open(dir, 1))!;
    await file.close();
    overwrite(file.path, file.header.dataOffset + end - file.header.base, tail(end, file.header.salt));
    change(dir);
    return { dir, end };
  }

  async function reopenAndAppend(dir: string, number: number, bytes = 500): Promise<number[]> {
    const journal = await Journal.open({ ...SMALL, dir });
    await journal.append(input({ items: 1, payload: payloadOf(number, bytes) }));
    await journal.close();
    const { frames, lost } = await readDir(dir);
    assert.deepEqual(lost, []);
    return frames.map((frame) => frame.payload.readUInt32LE(0));
  }

  it('cuts a frame that was torn anywhere', async () => {
    const whole = frameBytes(0, 0, payloadOf(3, 200), 1, 3).length;
    for (let cut = 0; cut < whole; cut += cut < 90 ? 7 : 41) {
      const { dir } = await crashed((position, salt) => frameBytes(position, salt, payloadOf(3, 200), 1, 3).subarray(0, Math.min(cut, 72 + 199)));
      assert.deepEqual(await reopenAndAppend(dir, 9), [0, 1, 2, 9], `cut at ${cut}`);
    }
  });

  it('keeps a frame that was whole but not acknowledged: at least once', async () => {
    const { dir } = await crashed((position, salt) => frameBytes(position, salt, payloadOf(3, 200), 1, 3));
    assert.deepEqual(await reopenAndAppend(dir, 9), [0, 1, 2, 3, 9]);
  });

  it('never comes upon whole frames that lay behind a torn one', async () => {
    // A torn frame, then two whole ones where they belong; the next append has exactly the torn one's size.
    const { dir } = await crashed((position, salt) => {
      const torn = frameBytes(position, salt, payloadOf(3, 500), 1, 3);
      torn[100]! ^= 1;
      const second = frameBytes(position + torn.length, salt, payloadOf(4, 500), 1, 4);
      return Buffer.concat([torn, second, frameBytes(position + torn.length + second.length, salt, payloadOf(5, 500), 1, 5)]);
    });
    assert.deepEqual(await reopenAndAppend(dir, 9), [0, 1, 2, 9]);
    assert.deepEqual(await reopenAndAppend(dir, 10), [0, 1, 2, 9, 10]);
    // and not after another crash, without the position file, either
    fs.rmSync(join(dir, 'position'));
    assert.deepEqual(await reopenAndAppend(dir, 11), [0, 1, 2, 9, 10, 11]);
  });

  it('needs no position file', async () => {
    for (const change of [(dir: string) => fs.rmSync(join(dir, 'position')), (dir: string) => fs.truncateSync(join(dir, 'position'), 11), (dir: string) => overwrite(join(dir, 'position'), 16, Buffer.alloc(8, 0xee))]) {
      const { dir } = await crashed(() => Buffer.from('garbage behind the end'), change);
      assert.deepEqual(await reopenAndAppend(dir, 9), [0, 1, 2, 9]);
    }
  });

  it('without a position file keeps acknowledged frames behind a damaged one, and counts that one', async () => {
    const { dir } = await crashed(() => Buffer.alloc(0), (copy) => {
      fs.rmSync(join(copy, 'position'));
      overwrite(segmentFiles(copy)[0]!, 4096 + 10, Buffer.of(0xff));
    });
    const journal = await Journal.open({ ...SMALL, dir });
    await journal.close();
    const { frames, lost } = await readDir(dir);
    assert.deepEqual(frames.map((frame) => frame.payload.readUInt32LE(0)), [1, 2]);
    assert.deepEqual(lost, [{ tenant: 'default', signal: 'traces', dropped: { corrupt: 1 } }]);
  });

  it('needs no identity file: the segments know it', async () => {
    const { dir } = await crashed(() => Buffer.alloc(0));
    const { id } = JSON.parse(fs.readFileSync(join(dir, 'journal.json'), 'utf8')) as { id: string };
    fs.writeFileSync(join(dir, 'journal.json'), '{');
    const journal = await Journal.open({ ...SMALL, dir });
    assert.equal(journal.id, id);
    await journal.close();
    assert.deepEqual(await reopenAndAppend(dir, 9), [0, 1, 2, 9]);
  });

  it('goes on in a segment that was made ready before the crash, whatever it held', async () => {
    const { dir } = await crashed(() => Buffer.alloc(0), (copy) => fs.copyFileSync(segmentFiles(copy)[0]!, join(copy, '0000000000000002.seg')));
    const numbers = [];
    for (let i = 0; i < 200; i++) numbers.push(i);
    const journal = await Journal.open({ ...SMALL, dir });
    for (const i of numbers) await journal.append(input({ items: 1, payload: payloadOf(100 + i, 900) }));
    await journal.close();
    assert.deepEqual((await readDir(dir)).frames.map((frame) => frame.payload.readUInt32LE(0)), [0, 1, 2, ...numbers.map((i) => 100 + i)]);
  });

  it('leaves the ledger as it was', async () => {
    const { dir } = await crashed((position, salt) => frameBytes(position, salt, payloadOf(3, 200), 1, 3).subarray(0, 100));
    const journal = await Journal.open({ ...SMALL, dir });
    const cursor = await Cursor.open({ dir, reader: 'r', signals: ['traces'], from: 'beginning' });
    await journal.append(input({ items: 4 }));
    await cursor.close();
    await journal.close();
    assert.deepEqual((await readLedger(dir)).map(({ accepted, queued, balanced }) => ({ accepted, queued, balanced })), [{ accepted: 7, queued: 7, balanced: true }]);
  });

  it('refuses a segment of a newer format', async () => {
    const { dir } = await crashed(() => Buffer.alloc(0), (copy) => {
      const path = segmentFiles(copy)[0]!;
      const header = fs.readFileSync(path).subarray(0, 4096);
      header.writeUInt16LE(3, 8);
      header.writeUInt32LE(crc32(header.subarray(8, header.readUInt32LE(12))), 4);
      overwrite(path, 0, header);
    });
    await assert.rejects(Journal.open({ ...SMALL, dir }), /format version 3/);
  });
});
