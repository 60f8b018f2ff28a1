import * as fs from 'node:fs';
import { open, readFile, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { alignUp, readU64, writeU64 } from '../storage/bytes.js';
import { replaceFile } from '../storage/disk.js';
import { JournalError, systemCode } from '../errors.js';
import { cursorsPath } from '../storage/layout.js';
import { FORMAT_VERSION, newerError } from '../segments/segment-header.js';

/** `SBXC` */
const MAGIC = 0x43584253;
const FIXED_BYTES = 40;
const MIN_SLOT_BYTES = 8192;
const SUFFIX = '.cursor';
/** Of a file's name; the reader's name is encoded. */
const MAX_NAME_BYTES = 255;

export interface CursorRecord {
  /** Grows by one with every record. */
  readonly generation: number;
  readonly position: number;
  readonly body: string;
}

/** The path of a reader's cursor: any name becomes a valid file name. @throws JournalError SBX_JOURNAL_CURSOR for a name too long */
export function cursorPath(dir: string, reader: string): string {
  const name = `${encodeURIComponent(reader).replaceAll('*', '%2A')}${SUFFIX}`;
  if (reader === '' || name.length > MAX_NAME_BYTES - '.new'.length) throw new JournalError('SBX_JOURNAL_CURSOR', `the reader's name ${JSON.stringify(reader)} is empty or too long for a file name: shorten the names of pipeline and exporter`);
  return join(cursorsPath(dir), name);
}

/** Readers that have a cursor, sorted. */
export async function listCursors(dir: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(cursorsPath(dir));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => decodeURIComponent(name.slice(0, -SUFFIX.length))).sort();
}

/** The newest whole record, 'damaged' when there is none in the file, null when there is no file. */
export async function readCursorRecord(path: string): Promise<CursorRecord | 'damaged' | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  const slotBytes = bytes.length / 2;
  const records = [bytes.subarray(0, slotBytes), bytes.subarray(slotBytes)].flatMap((slot) => decodeRecord(slot) ?? []);
  return records.sort((a, b) => b.generation - a.generation)[0] ?? 'damaged';
}

/**
 * Two slots written in turn: a torn write harms the older record only. The file never grows while slots suffice, so a
 * sync writes nothing but the record.
 */
export class CursorFile {
  private constructor(readonly path: string, readonly dir: string, private handle: FileHandle, private slotBytes: number) {}

  static async create(dir: string, path: string, record: CursorRecord): Promise<CursorFile> {
    await fs.promises.mkdir(cursorsPath(dir), { recursive: true });
    const slotBytes = await rewrite(dir, path, record);
    return new CursorFile(path, dir, await open(path, 'r+'), slotBytes);
  }

  static async open(dir: string, path: string): Promise<CursorFile> {
    const handle = await open(path, 'r+');
    return new CursorFile(path, dir, handle, (await handle.stat()).size / 2);
  }

  /** Durable on return. After a failure the slot's content is unknown, and the next write goes into the same slot. */
  async write(record: CursorRecord): Promise<void> {
    const bytes = encodeRecord(record);
    if (bytes.length > this.slotBytes) {
      this.slotBytes = await rewrite(this.dir, this.path, record);
      await this.handle.close();
      this.handle = await open(this.path, 'r+');
      return;
    }
    await this.handle.write(bytes, 0, bytes.length, (record.generation % 2) * this.slotBytes);
    await this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Writes a new file with slots of twice what the record needs; answers a slot's size. */
async function rewrite(dir: string, path: string, record: CursorRecord): Promise<number> {
  const bytes = encodeRecord(record);
  const slotBytes = Math.max(MIN_SLOT_BYTES, alignUp(2 * bytes.length, 4096));
  const file = Buffer.alloc(2 * slotBytes);
  bytes.copy(file, (record.generation % 2) * slotBytes);
  await replaceFile(cursorsPath(dir), path, file);
  return slotBytes;
}

function encodeRecord(record: CursorRecord): Buffer {
  const bodyBytes = Buffer.byteLength(record.body);
  const out = Buffer.alloc(FIXED_BYTES + bodyBytes);
  out.writeUInt32LE(MAGIC, 0);
  out.writeUInt16LE(FORMAT_VERSION, 8);
  out.writeUInt32LE(bodyBytes, 12);
  writeU64(out, record.generation, 16);
  writeU64(out, record.position, 24);
  out.write(record.body, FIXED_BYTES);
  out.writeUInt32LE(crc32(out.subarray(8)), 4);
  return out;
}

function decodeRecord(slot: Buffer): CursorRecord | null {
  if (slot.length < FIXED_BYTES || slot.readUInt32LE(0) !== MAGIC) return null;
  const end = FIXED_BYTES + slot.readUInt32LE(12);
  if (end > slot.length || crc32(slot.subarray(8, end)) !== slot.readUInt32LE(4)) return null;
  const version = slot.readUInt16LE(8);
  if (version > FORMAT_VERSION) throw newerError(version, 'a cursor of the journal');
  return { generation: readU64(slot, 16), position: readU64(slot, 24), body: slot.toString('utf8', FIXED_BYTES, end) };
}
