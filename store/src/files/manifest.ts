import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerChange } from '@signalbox/journal/ledger-change';
import { StoreError } from '../errors.js';
import { KINDS, type StoredFile } from './stored-file.js';
import { replaceFile } from './sync.js';

/** 2: metric samples in blocks. 3: blocks of rows may have any number of rows. */
export const FORMAT_VERSION = 3;

/** What went by retention, counted since the store was made. */
export interface RetainedOut {
  readonly spans: number;
  readonly logs: number;
  readonly samples: number;
  readonly bytes: number;
}

/** The truth about the store: which files there are and up to where in the journal they hold everything. */
export interface Manifest {
  /** Uuid of the journal that `position` belongs to; '' before the first flush. */
  readonly journalId: string;
  /** Everything before this position of the journal is in the files. */
  readonly position: number;
  /** Ledger changes up to `position` that the journal's cursor may not have yet. */
  readonly pending: readonly LedgerChange[];
  /** Number for the next file. */
  readonly nextNumber: number;
  readonly files: readonly StoredFile[];
  readonly retainedOut: RetainedOut;
}

export const EMPTY_MANIFEST: Manifest = { journalId: '', position: 0, pending: [], nextNumber: 1, files: [], retainedOut: { spans: 0, logs: 0, samples: 0, bytes: 0 } };

export function manifestPath(dir: string): string {
  return join(dir, 'manifest.json');
}

/** @throws StoreError SBX_STORE_NEWER, SBX_STORE_DAMAGED */
export async function readManifest(dir: string): Promise<Manifest> {
  const path = manifestPath(dir);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_MANIFEST;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, 'it is not JSON', error);
  }
  if (typeof value !== 'object' || value === null) throw damaged(path, 'it is not an object');
  const { version } = value as { version?: unknown };
  if (typeof version !== 'number') throw damaged(path, 'it has no version');
  if (version > FORMAT_VERSION) {
    throw new StoreError('SBX_STORE_NEWER', `the store in ${dir} was written by a newer version (format ${version}, this one knows ${FORMAT_VERSION}): upgrade Signalbox, or choose another data directory`);
  }
  try {
    return decode(value as Encoded);
  } catch (error) {
    throw damaged(path, error instanceof Error ? error.message : String(error), error);
  }
}

export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  await replaceFile(manifestPath(dir), encode(manifest));
}

interface EncodedFile extends Omit<StoredFile, 'minNs' | 'maxNs' | 'receivedFromNs' | 'receivedToNs'> {
  readonly minNs: string;
  readonly maxNs: string;
  readonly receivedFromNs: string;
  readonly receivedToNs: string;
}

type Encoded = Omit<Manifest, 'files'> & { readonly version: number; readonly files: readonly EncodedFile[] };

function encode(manifest: Manifest): string {
  const files = manifest.files.map((file) => JSON.stringify({ ...file, minNs: `${file.minNs}`, maxNs: `${file.maxNs}`, receivedFromNs: `${file.receivedFromNs}`, receivedToNs: `${file.receivedToNs}` }));
  const head = JSON.stringify({ version: FORMAT_VERSION, ...manifest, files: undefined });
  return `${head.slice(0, -1)},"files":[\n${files.join(',\n')}\n]}\n`;
}

function decode({ journalId, position, pending, nextNumber, files, retainedOut }: Encoded): Manifest {
  const seen = new Set<number>();
  for (const file of files) {
    if (!KINDS.includes(file.kind)) throw new Error(`file ${file.number} is of the unknown kind ${String(file.kind)}`);
    if (!Number.isSafeInteger(file.number) || file.number >= nextNumber || seen.has(file.number)) throw new Error(`file number ${file.number} cannot be`);
    seen.add(file.number);
  }
  if (!Number.isSafeInteger(position) || position < 0) throw new Error(`position ${position} cannot be`);
  return {
    journalId, position, pending, nextNumber, retainedOut,
    files: files.map((file) => ({ ...file, minNs: BigInt(file.minNs), maxNs: BigInt(file.maxNs), receivedFromNs: BigInt(file.receivedFromNs), receivedToNs: BigInt(file.receivedToNs) })),
  };
}

function damaged(path: string, what: string, cause?: unknown): StoreError {
  return new StoreError('SBX_STORE_DAMAGED', `${path} cannot be used (${what}): restore it from a copy, or move the store's directory away; the journal still holds what it has not recycled`, { cause });
}
