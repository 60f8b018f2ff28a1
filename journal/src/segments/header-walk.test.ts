import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../journal.js';
import { input, payloadOf, SMALL, testScope } from '../testing/fixture.test.js';
import { segmentPath } from '../storage/layout.js';
import { walkHeaders, walkRecentHeaders } from './header-walk.js';
import { SegmentFile } from './segment-file.js';

describe('Headers of frames', () => {
  const scope = testScope();

  /** A segment with frames from a few bytes to more than is read at once, and where it ends. */
  async function segment(): Promise<{ file: SegmentFile; path: string; end: number }> {
    const dir = join(scope.dir(), 'journal');
    const journal = await Journal.open({ ...SMALL, dir, segmentBytes: 1 << 20 });
    for (let i = 0; i < 60; i++) await journal.append(input({ tenant: `tenant-${i % 3}`, items: 1 + i, rejected: i % 7 === 0 ? [0] : [], payload: payloadOf(i, i % 5 === 0 ? 20_000 : 8 + i * 3) }));
    const end = journal.durable;
    await journal.close();
    const file = (await SegmentFile.open(dir, 1)) ?? (await SegmentFile.open(dir, 0));
    assert.ok(file, 'the first segment is there');
    scope.defer(() => file.close());
    return { file, path: segmentPath(dir, file.header.sequence), end };
  }

  async function walked(file: SegmentFile, end: number): Promise<number[]> {
    const items: number[] = [];
    await walkHeaders(file, file.header.base, end, (header) => void items.push(header.items), () => undefined);
    return items;
  }

  it('are the same when they were read just before', async () => {
    const { file, end } = await segment();
    const items: number[] = [];
    assert.equal(walkRecentHeaders(file, file.header.base, end, (header) => items.push(header.items)), end);
    assert.deepEqual(items, await walked(file, end));
    assert.equal(items.length, 60);
  });

  it('are left to the thorough walk from the first on that is not whole', async () => {
    const { file, path, end } = await segment();
    const before: number[] = [];
    let third = 0;
    await walkHeaders(file, file.header.base, end, (header) => {
      if (before.length === 3) third = header.position;
      before.push(header.items);
    }, () => undefined);
    const fd = fs.openSync(path, 'r+');
    fs.writeSync(fd, Buffer.from([0xff]), 0, 1, file.header.dataOffset + third - file.header.base + 48);
    fs.closeSync(fd);
    const items: number[] = [];
    assert.equal(walkRecentHeaders(file, file.header.base, end, (header) => items.push(header.items)), third);
    assert.deepEqual(items, before.slice(0, 3));
    assert.deepEqual(await walked(file, end), before.filter((_, i) => i !== 3));
  });
});
