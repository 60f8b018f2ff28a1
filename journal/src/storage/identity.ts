import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from './disk.js';
import { systemCode } from '../errors.js';
import { identityPath } from './layout.js';
import { FORMAT_VERSION, newerError } from '../segments/segment-header.js';

export interface Identity {
  readonly id: string;
  /** Of the format, as far as the writers know it. */
  readonly version: number;
}

/** The journal's uuid. @throws JournalError SBX_JOURNAL_NEWER */
export async function readIdentity(dir: string): Promise<string | null> {
  return (await readIdentityFile(dir))?.id ?? null;
}

/** What stands in `journal.json`, null where the file is missing or damaged. @throws JournalError SBX_JOURNAL_NEWER */
export async function readIdentityFile(dir: string): Promise<Identity | null> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(identityPath(dir), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  if (typeof content !== 'object' || content === null) return null;
  const version = 'version' in content && typeof content.version === 'number' ? content.version : 1;
  if (version > FORMAT_VERSION) throw newerError(version, `the journal in ${dir}`);
  return 'id' in content && typeof content.id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(content.id) ? { id: content.id, version } : null;
}

/** Writes `journal.json`; `id` is given when the segments still tell it. */
export async function writeIdentity(dir: string, id: string = randomUUID()): Promise<string> {
  await replaceFile(dir, identityPath(dir), `${JSON.stringify({ version: FORMAT_VERSION, id })}\n`);
  return id;
}
