import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A sector of the kernel's block statistics, whatever the disk's own are. */
const SECTOR_BYTES = 512;
/** The field of /sys/dev/block/<major>:<minor>/stat that counts sectors written. */
const SECTORS_WRITTEN = 6;
const QUIET_MS = 3000;

/** What a disk wrote while something ran. */
export interface DiskWrites {
  /** Bytes, less what others wrote meanwhile by the measure of the time before and after. */
  readonly bytes: number;
  /** Bytes a second that others wrote before and after. */
  readonly background: readonly [before: number, after: number];
}

/**
 * Has `work` run and tells what the disk that holds `folder` wrote meanwhile, everything that was on its way included. Answers why it
 * cannot be told, where the folder is on no disk of its own (memory, the network, overlays, file systems over several disks).
 *
 * The disk's own count is the only true one: a process' `write_bytes` counts a whole folio when any part of it becomes dirty, which
 * with large folios is up to 2 MiB for an append of a few bytes.
 */
export async function diskWrites(folder: string, work: () => Promise<void>): Promise<DiskWrites | string> {
  const statistics = statisticsOf(folder);
  if (typeof statistics === 'string') {
    await work();
    return statistics;
  }
  const written = (): number => bytesWritten(statistics);
  const quiet = async (): Promise<number> => {
    execFileSync('sync');
    const [from, started] = [written(), performance.now()];
    await sleep(QUIET_MS);
    execFileSync('sync');
    return (written() - from) / ((performance.now() - started) / 1000);
  };
  const before = await quiet();
  const [from, started] = [written(), performance.now()];
  await work();
  execFileSync('sync');
  const [bytes, seconds] = [written() - from, (performance.now() - started) / 1000];
  const after = await quiet();
  return { bytes: bytes - ((before + after) / 2) * seconds, background: [before, after] };
}

/** The path of the statistics, or why there are none. */
function statisticsOf(folder: string): { readonly path: string } | string {
  const { major, minor } = deviceNumbers(statSync(folder, { bigint: true }).dev);
  const path = `/sys/dev/block/${major}:${minor}/stat`;
  try {
    bytesWritten({ path });
    return { path };
  } catch {
    return `what the disk writes cannot be told: ${folder} is on device ${major}:${minor}, which is no disk that this system counts (memory, an overlay, the network?); set TMPDIR to a folder on a local disk`;
  }
}

function bytesWritten({ path }: { readonly path: string }): number {
  const sectors = Number(readFileSync(path, 'utf8').trim().split(/\s+/)[SECTORS_WRITTEN]);
  if (!Number.isFinite(sectors)) throw new Error(`${path} has no count of sectors written`);
  return sectors * SECTOR_BYTES;
}

/** Linux' packing of a device's numbers in 64 bits. */
function deviceNumbers(dev: bigint): { readonly major: bigint; readonly minor: bigint } {
  return { major: ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn), minor: (dev & 0xffn) | ((dev >> 12n) & ~0xffn) };
}
