import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '@signalbox/journal/make-directory';
import { ApplianceError } from '../errors.js';

const REMEDY = 'give another directory with --data or SIGNALBOX_DATA';

/** What the system's code means to people, and what else would help. */
const MEANING: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  EACCES: ['this user may not write there', `let this user own it, or ${REMEDY}`],
  EPERM: ['this user may not write there', `let this user own it, or ${REMEDY}`],
  EROFS: ['its file system is mounted read-only', `mount it writable, or ${REMEDY}`],
  ENOTDIR: ['a file is in its way', REMEDY],
  EEXIST: ['something else has its name', REMEDY],
  ENOENT: ['its file system lets nothing be made there', REMEDY],
  ENOSPC: ['its disk is full', `free some space, or ${REMEDY}`],
  EDQUOT: ['the quota of this user is used up', `free some space, or ${REMEDY}`],
};

/** Makes the data directory where it is missing, and tries whether it can be written. @throws ApplianceError SBX_DATA_DIRECTORY */
export function prepareDataDirectory(dataDir: string): void {
  try {
    makeDirectory(dataDir);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    // Below /proc and the like, the right to write says nothing.
    makeDirectory(join(dataDir, 'run'));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const [what, remedy] = MEANING[code] ?? ['the system refuses', REMEDY];
    throw new ApplianceError('SBX_DATA_DIRECTORY', `the data directory ${dataDir} cannot be used: ${what} (${message})`, remedy);
  }
}
