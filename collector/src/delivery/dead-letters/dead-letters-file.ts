import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signal } from '@signalbox/signals/model/signal';

/**
 * Dead letters on disk: `<dataDir>/dead-letters/<exporter>/<time>-<random>.json`, each a file of its own that is written once and
 * removed whole, so that the process which writes and a command that lists or replays need not agree on anything.
 */
export interface DeadLetter {
  readonly version: 1;
  /** RFC 3339. */
  readonly time: string;
  readonly exporter: string;
  readonly tenant: string;
  readonly signal: Signal;
  /** In the order that they have in `otlp`. */
  readonly items: readonly DeadItem[];
  /** The items as an Export*ServiceRequest in protobuf, base64. */
  readonly otlp: string;
  /** Of items that came as Prometheus samples: those, as an io.prometheus.write.v2.Request without compression, base64. */
  readonly samples?: string;
}

export interface DeadItem {
  /** Journal uuid, position of the frame, ordinal in it: `0190…-8d:1234:0`. */
  readonly id: string;
  /** What the destination said. */
  readonly reason: string;
}

/** What a file takes at least on most disks. */
const BLOCK_BYTES = 4096;
const NAME = /^\d{13}-[0-9a-f]{8}\.json$/;

export function deadLettersDir(dataDir: string, exporter?: string): string {
  const dir = join(dataDir, 'dead-letters');
  return exporter === undefined ? dir : join(dir, encodeURIComponent(exporter));
}

/** Writes a letter so that it is there whole, and stays, when this settles. Answers its bytes on disk. @throws the file system's errors */
export async function writeDeadLetter(dir: string, text: string, nowMs: number): Promise<number> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const name = `${String(Math.trunc(nowMs)).padStart(13, '0')}-${randomBytes(4).toString('hex')}.json`;
  const unfinished = join(dir, `.${name}`);
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(dir, name));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return onDisk(Buffer.byteLength(text));
}

/** Names of the letters in a folder, oldest first; none where there is no folder. */
export async function deadLetterNames(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => NAME.test(name)).sort();
}

/** Bytes that the letters of a folder take. */
export async function deadLetterBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const name of await deadLetterNames(dir)) bytes += onDisk((await stat(join(dir, name)).catch(() => null))?.size ?? 0);
  return bytes;
}

export function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** @throws SyntaxError when the text is no letter */
export function parseDeadLetter(text: string): DeadLetter {
  const value = JSON.parse(text) as Partial<DeadLetter> | null;
  const isLetter =
    value?.version === 1 && typeof value.time === 'string' && typeof value.exporter === 'string' && typeof value.tenant === 'string' && typeof value.otlp === 'string' && (value.samples === undefined || typeof value.samples === 'string')
    && (value.signal === 'traces' || value.signal === 'logs' || value.signal === 'metrics')
    && Array.isArray(value.items) && value.items.every((item: unknown) => typeof item === 'object' && item !== null && 'id' in item && 'reason' in item);
  if (!isLetter) throw new SyntaxError('is no dead letter of this version');
  return value as DeadLetter;
}
