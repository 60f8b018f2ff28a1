import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '@signalbox/journal/make-directory';

const NEWLINE = 0x0a;
const TAIL_BYTES = 64 * 1024;

/**
 * Appends lines and answers the file's size. A last line without its end, left by a crash, is cut off first: its batch
 * was never acknowledged and comes again. Where the disk refuses midway, what was written of the lines is cut off.
 */
export function appendLines(path: string, lines: readonly string[], sync: boolean): number {
  makeDirectory(dirname(path));
  // Not O_APPEND, which ignores positions; and never truncating.
  const fd = openExisting(path);
  try {
    const start = endOfLastLine(fd, fstatSync(fd).size);
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    try {
      ftruncateSync(fd, start);
      writeAll(fd, bytes, start);
      if (sync) fdatasyncSync(fd);
    } catch (error) {
      ftruncateSync(fd, start);
      throw error;
    }
    return start + bytes.length;
  } finally {
    closeSync(fd);
  }
}

function openExisting(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return openSync(path, 'w+', 0o640);
  }
}

function endOfLastLine(fd: number, size: number): number {
  const buffer = Buffer.alloc(TAIL_BYTES);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - TAIL_BYTES);
    const read = readSync(fd, buffer, 0, end - start, start);
    const at = buffer.subarray(0, read).lastIndexOf(NEWLINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}
