import * as fs from 'node:fs';
import { statfs } from 'node:fs/promises';

/** What the journal's writer asks of the disk while it runs. A seam: tests put failing disks here. */
export interface Disk {
  /** Writes some of the bytes at `offset`; answers how many. `buffers` are at most MAX_BUFFERS. */
  writev(fd: number, buffers: readonly Uint8Array[], offset: number): Promise<number>;
  /** fdatasync: the file's data, and its size where that changed. */
  datasync(fd: number): Promise<void>;
  /** The share of the file system that is free to this user, 0 to 1. */
  freeShare(dir: string): Promise<number>;
}

/** writev takes no more (IOV_MAX on Linux). */
const MAX_BUFFERS = 1024;

export const nodeDisk: Disk = {
  writev: (fd, buffers, offset) =>
    new Promise((resolve, reject) => fs.writev(fd, buffers, offset, (error, written) => (error ? reject(error) : resolve(written)))),
  datasync: (fd) => new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  async freeShare(dir) {
    const { bavail, blocks } = await statfs(dir);
    return blocks === 0 ? 1 : bavail / blocks;
  },
};

/** Writes all bytes, however short the single writes are. */
export async function writeFully(disk: Disk, fd: number, buffers: readonly Uint8Array[], offset: number): Promise<void> {
  let first = 0;
  let skip = 0; // bytes of buffers[first] already written
  let at = offset;
  while (first < buffers.length) {
    const part = buffers.slice(first, first + MAX_BUFFERS);
    if (skip > 0) part[0] = part[0]!.subarray(skip);
    let written = await disk.writev(fd, part, at);
    at += written;
    if (written === 0 && part.some((buffer) => buffer.length > 0)) throw Object.assign(new Error('the disk took no bytes'), { code: 'EIO' });
    for (const buffer of part) {
      if (written < buffer.length) break;
      written -= buffer.length;
      first++;
      skip = 0;
    }
    skip += written;
  }
}

/** Makes names in a directory durable. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await fs.promises.open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a small file so that a crash leaves the old or the new one whole. */
export async function replaceFile(dir: string, path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  const handle = await fs.promises.open(temporary, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await fs.promises.rename(temporary, path);
  await syncDirectory(dir);
}
