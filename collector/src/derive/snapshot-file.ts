import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';

/** `SBXD` */
const MAGIC = 0x44584253;
const VERSION = 1;
const FIXED_BYTES = 24;

/**
 * A snapshot on disk:
 *
 *   SBXD │ crc u32 │ version u16, 0 u16 │ bytes of meta u32 │ number of parts u32 │ 0 u32 │ meta (JSON) │ (length u32, bytes) of each part
 *
 * Little-endian; the CRC is of everything behind it.
 */
export interface Snapshot<M> {
  readonly meta: M;
  readonly parts: readonly Uint8Array[];
}

/** Where the reader's state is kept. */
export function snapshotPath(dataDir: string, reader: string): string {
  return join(stateDirectory(dataDir, reader), 'state.snapshot');
}

/** The folder of one reader, whatever its name. */
export function stateDirectory(dataDir: string, reader: string): string {
  return join(dataDir, 'deliver', encodeURIComponent(reader).replaceAll('*', '%2A').replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E')));
}

/** Replaces the file: after a crash either the old or the new one is there, whole. */
export async function writeSnapshot<M>(path: string, { meta, parts }: Snapshot<M>): Promise<void> {
  const json = Buffer.from(JSON.stringify(meta));
  const head = Buffer.alloc(FIXED_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt16LE(VERSION, 8);
  head.writeUInt32LE(json.length, 12);
  head.writeUInt32LE(parts.length, 16);
  const chunks: Uint8Array[] = [head, json];
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    chunks.push(length, part);
  }
  const bytes = Buffer.concat(chunks);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), 'r').catch(() => null); // not possible on Windows
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

/** Null where there is none; 'damaged' where there is one that cannot be used. `meta` is as it was written: the checksum tells. */
export async function readSnapshot<M>(path: string): Promise<Snapshot<M> | 'damaged' | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (bytes.length < FIXED_BYTES || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== crc32(bytes.subarray(8)) || bytes.readUInt16LE(8) !== VERSION) return 'damaged';
  let at = FIXED_BYTES + bytes.readUInt32LE(12);
  const meta = JSON.parse(bytes.toString('utf8', FIXED_BYTES, at)) as M; // written by writeSnapshot, checked by its checksum
  const parts: Uint8Array[] = [];
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const end = at + 4 + bytes.readUInt32LE(at);
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return { meta, parts };
}

export async function removeState(dataDir: string, reader: string): Promise<void> {
  await rm(stateDirectory(dataDir, reader), { recursive: true, force: true });
}
