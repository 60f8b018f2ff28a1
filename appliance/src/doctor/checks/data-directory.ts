import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hint, ok, problem } from '../finding.js';
import type { Check, Finding } from '../finding.js';

/** Whether the data directory can be written and its disk has room. */
export const dataDirectoryCheck: Check = {
  name: 'data directory',
  async run({ dataDir, minFreeShare }) {
    const there = await stat(dataDir).catch(() => null);
    if (there !== null && !there.isDirectory()) return [problem('data directory', `${dataDir} is not a directory`, 'give another one with --data or SIGNALBOX_DATA')];
    const probed = there === null ? dirname(dataDir) : dataDir;
    try {
      await access(probed, constants.W_OK | constants.X_OK);
    } catch (error) {
      return [problem('data directory', `${probed} cannot be written (${(error as NodeJS.ErrnoException).code})`, 'give this user the right to write there, or another directory with --data or SIGNALBOX_DATA')];
    }
    const { full, room } = roomOf(dataDir, await statfs(probed), minFreeShare);
    if (full !== null) return [full];
    if (there === null) return [hint('data directory', `${dataDir} does not exist here`, 'if the appliance keeps its data elsewhere, give that with --data; otherwise it makes it at its first start')];
    return [ok('data directory', `${dataDir} can be written; ${room} of its disk are free`)];
  },
};

/** What is free of a disk, for people, and the finding where that is too little. Some file systems do not tell their size. */
export function roomOf(dataDir: string, { bavail, blocks, bsize }: { readonly bavail: number; readonly blocks: number; readonly bsize: number }, minFreeShare: number): { readonly full: Finding | null; readonly room: string } {
  const share = blocks === 0 ? 1 : bavail / blocks;
  const room = `${((bavail * bsize) / 2 ** 30).toFixed(1)} GiB (${(share * 100).toFixed(0)} %)`;
  if (share >= minFreeShare) return { full: null, room };
  const what = `the disk of ${dataDir} is nearly full: ${room} are free, and nothing is accepted below ${(minFreeShare * 100).toFixed(0)} %`;
  return { full: problem('data directory', what, 'free some space, lower store.retention.bytes and journal.max_bytes, or lower journal.min_free_share'), room };
}
