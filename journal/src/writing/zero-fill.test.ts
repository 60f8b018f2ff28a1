import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk } from '../storage/disk.js';
import type { Disk } from '../storage/disk.js';
import { testScope } from '../testing/fixture.test.js';
import { ZeroFill } from './zero-fill.js';

const MIB = 1 << 20;

describe('ZeroFill', () => {
  const scope = testScope();

  /** Fills a file that holds `before`; answers its content, and what was written through the handle and besides. */
  async function fill(before: Uint8Array, fileBytes: number, refused?: NodeJS.ErrnoException): Promise<{ content: Buffer; cached: number; past: number }> {
    const path = join(scope.dir(), 'file');
    writeFileSync(path, before);
    const handle = await fs.open(path, 'r+');
    scope.defer(() => handle.close());
    let [cached, past] = [0, 0];
    const disk: Disk = { ...nodeDisk, writev: async (fd, buffers, offset) => {
      if (fd !== handle.fd && refused !== undefined) throw refused;
      const written = await nodeDisk.writev(fd, buffers, offset);
      if (fd === handle.fd) cached += written;
      else past += written;
      return written;
    } };
    await new ZeroFill(disk).fill(path, handle, fileBytes, new AbortController().signal);
    return { content: readFileSync(path), cached, past };
  }

  const systemError = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code}: made by a test`), { code });

  for (const [begin, end] of [[0, 3 * MIB], [0, 100], [1000, 3 * MIB + 5000], [4096, 4097], [5000, 5001], [8000, 8192], [2 * MIB, MIB]] as const) {
    it(`fills from ${begin} to ${end} and leaves what was there`, async () => {
      const before = Buffer.alloc(begin, 7);
      const { content, cached, past } = await fill(before, end);
      assert.equal(content.length, Math.max(begin, end));
      assert.ok(content.subarray(0, begin).equals(before));
      assert.ok(content.subarray(begin).every((byte) => byte === 0));
      assert.equal(cached + past, Math.max(0, end - begin), 'every byte once');
      assert.equal(past % 4096, 0);
    });
  }

  it('goes on through the page cache where the disk takes no writes past it', async () => {
    const { content, past } = await fill(Buffer.alloc(100, 7), 3 * MIB + 5, systemError('EINVAL'));
    assert.equal(content.length, 3 * MIB + 5);
    assert.ok(content.subarray(100).every((byte) => byte === 0));
    assert.equal(past, 0);
  });

  it('stops when it is told to, between two slices', async () => {
    const path = join(scope.dir(), 'file');
    const handle = await fs.open(path, 'w+');
    scope.defer(() => handle.close());
    const stop = new AbortController();
    const disk: Disk = { ...nodeDisk, writev: (fd, buffers, offset) => {
      if (offset >= 2 * MIB) stop.abort();
      return nodeDisk.writev(fd, buffers, offset);
    } };
    await new ZeroFill(disk).fill(path, handle, 8 * MIB, stop.signal);
    assert.equal((await handle.stat()).size, 3 * MIB);
  });

  it('fails where the disk is full', async () => {
    const path = join(scope.dir(), 'file');
    const handle = await fs.open(path, 'w+');
    scope.defer(() => handle.close());
    const disk: Disk = { ...nodeDisk, writev: () => Promise.reject(systemError('ENOSPC')) };
    await assert.rejects(new ZeroFill(disk).fill(path, handle, MIB, new AbortController().signal), /ENOSPC/);
  });
});
