import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import type { NamesJson } from '../hot/names.js';
import { BLOCK_BYTES, blockTablesBytes, decodeHeader, DIRECTORY_BYTES, HEADER_BYTES, PAGE_HEAD_BYTES, withoutChecksum, type Header } from './layout.js';
import { blockStarts, type RowRange } from './row-range.js';
import type { TermSource } from './term-merge.js';

const inflate = promisify(inflateRaw);

/** An index file cannot be used; its data file is read without it. */
export class IndexDamaged extends Error {
  constructor(readonly path: string, what: string) {
    super(`index ${path} is damaged: ${what}`);
    this.name = 'IndexDamaged';
  }
}

/** An open index file: block times and directory in memory, pages read when asked for. */
export class IndexReader {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    readonly header: Header,
    /** Per block: smallest and largest time in nanoseconds. */
    readonly times: BigUint64Array,
    /** Number of each block's first row, and that of all rows. */
    readonly starts: Uint32Array,
    /** Per page: first term, offset. */
    private readonly directory: Uint32Array,
  ) {}

  /** @throws IndexDamaged */
  static async open(path: string): Promise<IndexReader> {
    const file = await open(path, 'r');
    try {
      const head = await readExactly(file, path, 0, HEADER_BYTES);
      const header = decodeHeader(head);
      if (!header) throw new IndexDamaged(path, 'no index of a known version');
      const tables = await readExactly(file, path, HEADER_BYTES, blockTablesBytes(header) + header.pages * DIRECTORY_BYTES);
      if (crc32(tables, crc32(withoutChecksum(head))) !== header.checksum) throw new IndexDamaged(path, 'wrong checksum');
      const times = header.blocks * BLOCK_BYTES;
      const split = blockTablesBytes(header);
      const starts = startsOf(header, new Uint32Array(copy(tables.subarray(times, split))));
      if (starts[header.blocks] !== header.rows) throw new IndexDamaged(path, 'its blocks do not hold its rows');
      return new IndexReader(path, file, header, new BigUint64Array(copy(tables.subarray(0, times))), starts, new Uint32Array(copy(tables.subarray(split))));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.times.byteLength + this.starts.byteLength + this.directory.byteLength;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /**
   * Blocks that may hold the term, ascending. Reads a page of about a kilobyte or two, nearly always from the system's page cache, so
   * it does not go by way of the thread pool, which costs ten times as much.
   * @throws IndexDamaged
   */
  blocksOf(term: number): number[] {
    const wanted = term === 0 ? 1 : term;
    const blocks: number[] = [];
    for (let page = this.firstPage(wanted); page < this.header.pages && this.directory[page * 2] <= wanted; page++) {
      const records = new PageSource(this.page(page), this.directory[page * 2]);
      while (records.next() && records.term <= wanted) if (records.term === wanted) blocks.push(records.block);
    }
    return blocks;
  }

  /** Rows of a block. */
  rowsOf(block: number): RowRange {
    return { from: this.starts[block], to: this.starts[block + 1] };
  }

  async names(): Promise<NamesJson> {
    const { header } = this;
    const bytes = await readExactly(this.file, this.path, this.pagesAt + header.pagesBytes, header.namesBytes);
    if (crc32(bytes) !== header.namesChecksum) throw new IndexDamaged(this.path, 'wrong checksum of its names');
    return JSON.parse((await inflate(bytes)).toString()) as NamesJson;
  }

  /** All records; reads the pages into memory. */
  async records(): Promise<TermSource> {
    const bytes = await readExactly(this.file, this.path, this.pagesAt, this.header.pagesBytes);
    return new PagesSource(bytes, this.directory, (page) => this.check(bytes.subarray(...this.pageRange(page)), page));
  }

  private get pagesAt(): number {
    return HEADER_BYTES + blockTablesBytes(this.header) + this.header.pages * DIRECTORY_BYTES;
  }

  /** The first page that may hold the term: the one before the first that begins with it or behind it. */
  private firstPage(term: number): number {
    let low = 0;
    let high = this.header.pages;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.directory[middle * 2] < term) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  private pageRange(page: number): [number, number] {
    const { directory, header } = this;
    return [directory[page * 2 + 1], page + 1 < header.pages ? directory[page * 2 + 3] : header.pagesBytes];
  }

  private page(page: number): Buffer {
    const [from, to] = this.pageRange(page);
    const bytes = Buffer.allocUnsafe(to - from);
    if (readSync(this.file.fd, bytes, 0, bytes.length, this.pagesAt + from) !== bytes.length) throw new IndexDamaged(this.path, 'it ends too early');
    return this.check(bytes, page);
  }

  private check(bytes: Buffer, page: number): Buffer {
    if (bytes.length < PAGE_HEAD_BYTES || crc32(bytes.subarray(PAGE_HEAD_BYTES)) !== bytes.readUInt32LE(0)) throw new IndexDamaged(this.path, `wrong checksum of page ${page}`);
    return bytes.subarray(PAGE_HEAD_BYTES);
  }
}

class PageSource implements TermSource {
  block = 0;
  private at = 0;

  constructor(private readonly bytes: Buffer, public term: number) {}

  next(): boolean {
    if (this.at >= this.bytes.length) return false;
    this.term += this.varint();
    this.block = this.varint();
    return true;
  }

  private varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * factor;
      if (!(byte & 0x80)) return value;
      factor *= 128;
    }
  }
}

class PagesSource implements TermSource {
  term = 0;
  block = 0;
  private page = 0;
  private current: PageSource | null = null;

  constructor(private readonly bytes: Buffer, private readonly directory: Uint32Array, private readonly read: (page: number) => Buffer) {}

  next(): boolean {
    while (!this.current?.next()) {
      if (this.page * 2 >= this.directory.length || this.bytes.length === 0) return false;
      this.current = new PageSource(this.read(this.page), this.directory[this.page * 2]);
      this.page++;
    }
    this.term = this.current.term;
    this.block = this.current.block;
    return true;
  }
}

/** `rows` are those of each block, empty in version 1. */
function startsOf(header: Header, rows: Uint32Array): Uint32Array {
  return blockStarts(header.version > 1 ? rows : Array.from({ length: header.blocks }, (_, block) => Math.min(header.blockRows, header.rows - block * header.blockRows)));
}

async function readExactly(file: FileHandle, path: string, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  if (length === 0) return buffer;
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new IndexDamaged(path, 'it ends too early');
  return buffer;
}

function copy(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
