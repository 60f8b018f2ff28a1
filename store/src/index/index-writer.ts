import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { Turn } from '../duckdb/turn.js';
import type { NamesJson } from '../hot/names.js';
import { BLOCK_BYTES, BLOCK_ROWS_BYTES, DIRECTORY_BYTES, encodeHeader, PAGE_HEAD_BYTES, PAGE_RECORDS, writeChecksum } from './layout.js';
import type { TermSource } from './term-merge.js';

const deflate = promisify(deflateRaw);

export interface IndexContent {
  readonly blockRows: number;
  /** Blocks of rows, in order: how many, and their times. */
  readonly blocks: readonly { readonly rows: number; readonly minNs: bigint; readonly maxNs: bigint }[];
  readonly terms: TermSource;
  readonly names: NamesJson;
}

/** Writes an index file and syncs it. Answers its size. Gives other work its turn while it encodes. */
export async function writeIndex(path: string, content: IndexContent, space: IndexSpace, signal: AbortSignal): Promise<number> {
  const bytes = space.take();
  try {
    return await writeInto(bytes, path, content, signal);
  } finally {
    space.give(bytes);
  }
}

async function writeInto(bytes: GrowingBytes, path: string, content: IndexContent, signal: AbortSignal): Promise<number> {
  const count = content.blocks.length;
  const blocks = Buffer.alloc(count * (BLOCK_BYTES + BLOCK_ROWS_BYTES));
  content.blocks.forEach(({ rows, minNs, maxNs }, i) => {
    blocks.writeBigUInt64LE(minNs, i * BLOCK_BYTES);
    blocks.writeBigUInt64LE(maxNs, i * BLOCK_BYTES + 8);
    blocks.writeUInt32LE(rows, count * BLOCK_BYTES + i * BLOCK_ROWS_BYTES);
  });
  const { directory, pages, pageCount, records } = await encodePages(bytes, content.terms, signal);
  const names = await deflate(JSON.stringify(content.names));
  const header = encodeHeader({
    blockRows: content.blockRows, rows: content.blocks.reduce((sum, { rows }) => sum + rows, 0), blocks: count, pages: pageCount, records, pagesBytes: pages.length,
    namesBytes: names.length, namesChecksum: crc32(names),
  });
  writeChecksum(header, crc32(directory, crc32(blocks, crc32(header))));
  const file = await open(path, 'w');
  try {
    await file.writev([header, blocks, directory, pages, names]);
    await file.datasync();
  } finally {
    await file.close();
  }
  return header.length + blocks.length + directory.length + pages.length + names.length;
}

const RECORDS_PER_LOOK = 4096;

async function encodePages(bytes: GrowingBytes, terms: TermSource, signal: AbortSignal): Promise<{ directory: Buffer; pages: Buffer; pageCount: number; records: number }> {
  const directory: number[] = [];
  const turn = new Turn();
  let records = 0;
  let inPage = 0;
  let pageStart = 0;
  let before = 0;
  const endPage = (): void => bytes.putUint32(pageStart, crc32(bytes.slice(pageStart + PAGE_HEAD_BYTES)));
  while (terms.next()) {
    if (inPage === PAGE_RECORDS) {
      endPage();
      inPage = 0;
    }
    if (inPage === 0) {
      pageStart = bytes.length;
      directory.push(terms.term, pageStart);
      bytes.skip(PAGE_HEAD_BYTES);
      before = terms.term;
    }
    bytes.record(terms.term - before, terms.block);
    before = terms.term;
    inPage++;
    if (++records % RECORDS_PER_LOOK === 0 && turn.due) {
      await turn.give();
      signal.throwIfAborted();
    }
  }
  if (inPage > 0) endPage();
  const table = Buffer.alloc((directory.length / 2) * DIRECTORY_BYTES);
  directory.forEach((value, i) => table.writeUInt32LE(value, i * 4));
  return { directory: table, pages: bytes.slice(0), pageCount: directory.length / 2, records };
}

const MAX_KEPT_BYTES = 8 << 20;

/**
 * Memory that indexes are encoded into, used again. An index is megabytes that live for a second, long enough to become old for V8,
 * which would let go of them dozens of indexes later.
 */
export class IndexSpace {
  private readonly free: GrowingBytes[] = [];

  take(): GrowingBytes {
    return this.free.pop() ?? new GrowingBytes();
  }

  give(bytes: GrowingBytes): void {
    bytes.length = 0;
    if (bytes.capacity <= MAX_KEPT_BYTES) this.free.push(bytes);
  }
}

class GrowingBytes {
  length = 0;
  private buffer = Buffer.allocUnsafeSlow(1 << 16);

  get capacity(): number {
    return this.buffer.length;
  }

  /** Two varints. */
  record(term: number, block: number): void {
    if (this.length + 10 > this.buffer.length) this.grow();
    const { buffer } = this;
    let at = this.length;
    let rest = term;
    for (; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at++] = rest;
    for (rest = block; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at++] = rest;
    this.length = at;
  }

  skip(bytes: number): void {
    if (this.length + bytes > this.buffer.length) this.grow();
    this.length += bytes;
  }

  putUint32(at: number, value: number): void {
    this.buffer.writeUInt32LE(value, at);
  }

  slice(from: number): Buffer {
    return this.buffer.subarray(from, this.length);
  }

  private grow(): void {
    const bigger = Buffer.allocUnsafeSlow(this.buffer.length * 2);
    this.buffer.copy(bigger, 0, 0, this.length);
    this.buffer = bigger;
  }
}
