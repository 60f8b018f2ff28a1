import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { systemCode } from '../errors.js';
import type { ReadSpace } from '../read-space.js';
import { segmentPath } from '../storage/layout.js';
import { decodeSegmentHeader } from './segment-header.js';
import type { SegmentHeader } from './segment-header.js';

const FIRST_READ_BYTES = 4096;

/** A segment opened for reading. */
export class SegmentFile {
  private constructor(readonly header: SegmentHeader, readonly fileBytes: number, readonly path: string, private readonly handle: FileHandle) {}

  /** Answers null when the file is gone, was recycled and not begun yet, or its header is damaged. */
  static async open(dir: string, sequence: number): Promise<SegmentFile | null> {
    const path = segmentPath(dir, sequence);
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
    try {
      const header = await readHeader(handle);
      if (header !== null && header.sequence === sequence) return new SegmentFile(header, (await handle.stat()).size, path, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return null;
  }

  /** Reads from an absolute position on, into `space` or a buffer of its own; fewer bytes at the file's end. */
  async read(position: number, bytes: number, space?: ReadSpace): Promise<Buffer> {
    const length = Math.max(0, bytes);
    const buffer = space?.take(length) ?? Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.handle.read(buffer, filled, buffer.length - filled, this.header.dataOffset + position - this.header.base + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled === buffer.length ? buffer : buffer.subarray(0, filled);
  }

  /** Reads from an absolute position on at once, as far as the buffer goes; answers how many bytes: for a little that is in memory, since it was read just before. */
  readNow(position: number, into: Buffer): number {
    return readSync(this.handle.fd, into, 0, into.length, this.header.dataOffset + position - this.header.base);
  }

  /** Whether the file still was this segment after what was read before: the header is the first that a recycling overwrites. */
  async isLive(): Promise<boolean> {
    const header = await readHeader(this.handle);
    return header !== null && header.sequence === this.header.sequence && header.salt === this.header.salt;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function readHeader(handle: FileHandle): Promise<SegmentHeader | null> {
  let bytes = FIRST_READ_BYTES;
  for (;;) {
    const buffer = Buffer.allocUnsafe(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    const header = decodeSegmentHeader(buffer.subarray(0, bytesRead));
    if (typeof header !== 'number') return header;
    if (header <= bytesRead || bytesRead < bytes) return null;
    bytes = header;
  }
}
