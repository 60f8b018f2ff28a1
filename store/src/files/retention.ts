import { statfs } from 'node:fs/promises';
import type { RetentionSettings } from '../settings.js';
import type { StoredFile } from './stored-file.js';

const NS_PER_MS = 1_000_000n;
/** For want of free space nothing is deleted below this: it would help nobody. */
const ALWAYS_KEPT_BYTES = 64 * 1024 * 1024;

export interface Disk {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export async function diskOf(dir: string): Promise<Disk> {
  const { blocks, bavail, bsize } = await statfs(dir);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}

export type RetentionReason = 'age' | 'bytes' | 'free_space';

/** Which files go, oldest first by arrival, and why. */
export function planRetention(files: readonly StoredFile[], settings: RetentionSettings, nowMs: number, disk: Disk): readonly { readonly file: StoredFile; readonly reason: RetentionReason }[] {
  const sorted = [...files].sort((a, b) => (a.receivedToNs < b.receivedToNs ? -1 : a.receivedToNs > b.receivedToNs ? 1 : a.number - b.number));
  const oldestNs = settings.ageMs === 'off' ? 0n : BigInt(Math.floor(nowMs - settings.ageMs)) * NS_PER_MS;
  let bytes = sorted.reduce((sum, file) => sum + file.bytes, 0);
  let missing = settings.minFreeShare * disk.totalBytes - disk.freeBytes;
  const gone: { file: StoredFile; reason: RetentionReason }[] = [];
  for (const file of sorted) {
    const reason = file.receivedToNs < oldestNs ? 'age' : bytes > settings.maxBytes ? 'bytes' : missing > 0 && bytes - file.bytes >= ALWAYS_KEPT_BYTES ? 'free_space' : null;
    if (reason === null) break;
    gone.push({ file, reason });
    bytes -= file.bytes;
    missing -= file.bytes;
  }
  return gone;
}
