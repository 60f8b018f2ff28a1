import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from '@signalbox/journal/errors';
import { DirectoryLock } from '@signalbox/journal/lock';
import { StoreError } from '../errors.js';
import { manifestPath, type Manifest } from './manifest.js';
import { allPathsOf, KINDS } from './stored-file.js';

/** Where DuckDB puts what does not fit into memory. */
export function temporaryDirectory(dir: string): string {
  return join(dir, 'tmp');
}

/** Makes the store's directories and takes its lock. @throws StoreError SBX_STORE_NOT_WRITABLE, SBX_STORE_IN_USE */
export async function claimDirectory(dir: string): Promise<DirectoryLock> {
  try {
    for (const kind of KINDS) await mkdir(join(dir, kind), { recursive: true });
    return await DirectoryLock.acquire(dir);
  } catch (error) {
    if (error instanceof JournalError && error.code === 'SBX_JOURNAL_IN_USE') {
      throw new StoreError('SBX_STORE_IN_USE', `the store in ${dir} is in use by another process (${error.message.match(/process \d+|pid \d+/)?.[0] ?? 'unknown'}): stop it first, or choose another data directory`, { cause: error });
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(code)) {
      throw new StoreError('SBX_STORE_NOT_WRITABLE', `the store's directory ${dir} is not writable (${(error as Error).message}): let this user own it (chown, chmod), mount it writable, or choose another data directory`, { cause: error });
    }
    throw error;
  }
}

/** Removes what a crash left: files that the manifest does not know, and temporary ones. Answers how many. */
export async function removeOrphans(dir: string, manifest: Manifest): Promise<number> {
  const known = new Set(manifest.files.flatMap((file) => allPathsOf(dir, file)));
  const orphans: string[] = [];
  for (const kind of KINDS) {
    for (const name of await readdir(join(dir, kind))) {
      const path = join(dir, kind, name);
      if (!known.has(path)) orphans.push(path);
    }
  }
  await rm(`${manifestPath(dir)}.tmp`, { force: true });
  for (const path of orphans) await rm(path, { force: true, recursive: true });
  await rm(temporaryDirectory(dir), { recursive: true, force: true });
  await mkdir(temporaryDirectory(dir));
  return orphans.length;
}
