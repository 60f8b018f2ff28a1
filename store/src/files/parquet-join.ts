import { open, type FileHandle } from 'node:fs/promises';
import { CompactError } from './compact-protocol.js';
import { decodeFooter, encodeFooter, fitTogether, movedGroups, type ParquetFooter } from './parquet-footer.js';

const MAGIC = Buffer.from('PAR1');
/** Length of the footer, and the magic once more. */
const TAIL_BYTES = 8;
const COPY_BYTES = 1 << 20;
/** So many times as many row groups as the rows fill are let be, and one more. */
const MAX_SPREAD = 1.125;

/** A Parquet file to be put together with others. */
export interface ParquetSource {
  readonly path: string;
  readonly footer: ParquetFooter;
  /** Where its footer begins. Everything between the first magic and there belongs to its row groups. */
  readonly footerAt: number;
}

/** Null where the footer is none that we know: then DuckDB is to read the file, or to say what is wrong with it. */
export async function readParquetSource(path: string): Promise<ParquetSource | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < MAGIC.length + TAIL_BYTES) return null;
    const tail = await readAt(file, size - TAIL_BYTES, TAIL_BYTES);
    const footerAt = size - TAIL_BYTES - tail.readUInt32LE(0);
    if (!tail.subarray(4).equals(MAGIC) || footerAt < MAGIC.length) return null;
    return { path, footer: decodeFooter(await readAt(file, footerAt, size - TAIL_BYTES - footerAt)), footerAt };
  } catch (error) {
    if (error instanceof CompactError) return null;
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Whether the files are to be one with the row groups that they have: their columns are the same, and the row groups, of `groupRows` rows
 * when full, are mostly full.
 */
export function canJoin(sources: readonly ParquetSource[], groupRows: number): boolean {
  const rowsOf = sources.flatMap(({ footer }) => footer.groupRows);
  const rows = rowsOf.reduce((sum, each) => sum + each, 0);
  return sources.every(({ footer }) => fitTogether(sources[0].footer, footer)) && rowsOf.length <= (rows / groupRows) * MAX_SPREAD + 1;
}

/**
 * Writes one file with the row groups of all sources, in order and byte for byte: nothing is decompressed and encoded again, which
 * would take a hundred times as long. Durable when it settles. Answers its size. @throws the signal's reason
 */
export async function joinParquet(sources: readonly ParquetSource[], path: string, signal: AbortSignal): Promise<number> {
  const groups: Uint8Array[] = [];
  const groupRows: number[] = [];
  const buffer = Buffer.allocUnsafeSlow(COPY_BYTES);
  const target = await open(path, 'w');
  try {
    let at = await writeAt(target, MAGIC, 0);
    for (const source of sources) {
      groups.push(movedGroups(source.footer, at - MAGIC.length, groupRows.length));
      groupRows.push(...source.footer.groupRows);
      at = await copyGroups(source, target, at, buffer, signal);
    }
    const footer = encodeFooter({ groupRows, groups: Buffer.concat(groups), others: sources[0].footer.others });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    at = await writeAt(target, Buffer.concat([footer, length, MAGIC]), at);
    await target.datasync();
    return at;
  } finally {
    await target.close();
  }
}

/** Answers where the copy ends. */
async function copyGroups(source: ParquetSource, target: FileHandle, to: number, buffer: Buffer, signal: AbortSignal): Promise<number> {
  const file = await open(source.path, 'r');
  try {
    for (let from = MAGIC.length; from < source.footerAt; ) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, source.footerAt - from), from);
      if (bytesRead === 0) throw new Error(`${source.path} ends before its footer`);
      to = await writeAt(target, buffer.subarray(0, bytesRead), to);
      from += bytesRead;
    }
    return to;
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new CompactError('the file ends too early', position + filled);
    filled += bytesRead;
  }
  return buffer;
}

/** Answers where what was written ends. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  for (let written = 0; written < bytes.length; ) written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  return position + bytes.length;
}
