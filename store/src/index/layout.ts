/**
 * An index file (docs/formats/store.md), all numbers little-endian:
 *
 *   header (64 bytes) | blocks | rows | directory | pages | names
 *
 * `rows` says how many rows each block has; in version 1 it is not there, and every block but the last one is full. A record says that a term occurs in a block. Records are sorted and lie in pages of up to PAGE_RECORDS; the directory
 * holds the first term of each page.
 */
export const MAGIC = 'SBXIDX';
export const VERSION = 2;
export const HEADER_BYTES = 64;
export const BLOCK_BYTES = 16;
export const BLOCK_ROWS_BYTES = 4;
export const DIRECTORY_BYTES = 8;
export const PAGE_RECORDS = 256;
/** A page's checksum stands before its records. */
export const PAGE_HEAD_BYTES = 4;

export interface Header {
  readonly version: number;
  /** Of a full block. */
  readonly blockRows: number;
  readonly rows: number;
  readonly blocks: number;
  readonly pages: number;
  readonly records: number;
  readonly pagesBytes: number;
  readonly namesBytes: number;
  readonly namesChecksum: number;
  /** Of header, blocks and directory, computed with this field as zero. */
  readonly checksum: number;
}

const CHECKSUM_AT = 60;

export function encodeHeader(header: Omit<Header, 'version' | 'checksum'>): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  buffer.write(MAGIC, 0, 'latin1');
  buffer.writeUInt16LE(VERSION, 6);
  [header.blockRows, header.rows, header.blocks, header.pages, header.records, header.pagesBytes, header.namesBytes, header.namesChecksum].forEach((value, i) => buffer.writeUInt32LE(value, 8 + i * 4));
  return buffer;
}

export function writeChecksum(header: Buffer, checksum: number): void {
  header.writeUInt32LE(checksum, CHECKSUM_AT);
}

/** null where the bytes are no index header of this version or the one before. */
export function decodeHeader(buffer: Buffer): Header | null {
  if (buffer.length < HEADER_BYTES || buffer.toString('latin1', 0, 6) !== MAGIC) return null;
  const version = buffer.readUInt16LE(6);
  if (version < 1 || version > VERSION) return null;
  const word = (i: number): number => buffer.readUInt32LE(8 + i * 4);
  return { version, blockRows: word(0), rows: word(1), blocks: word(2), pages: word(3), records: word(4), pagesBytes: word(5), namesBytes: word(6), namesChecksum: word(7), checksum: buffer.readUInt32LE(CHECKSUM_AT) };
}

export function withoutChecksum(header: Buffer): Buffer {
  const copy = Buffer.from(header);
  writeChecksum(copy, 0);
  return copy;
}

/** Bytes of the tables between header and directory. */
export function blockTablesBytes({ version, blocks }: Pick<Header, 'version' | 'blocks'>): number {
  return blocks * (version === 1 ? BLOCK_BYTES : BLOCK_BYTES + BLOCK_ROWS_BYTES);
}
