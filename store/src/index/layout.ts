/**
 * An index file (docs/formats/store.md), all numbers little-endian:
 *
 *   header (64 bytes) | blocks | directory | pages | names
 *
 * A record says that a term occurs in a block. Records are sorted and lie in pages of up to PAGE_RECORDS; the directory
 * holds the first term of each page.
 */
export const MAGIC = 'SBXIDX';
export const VERSION = 1;
export const HEADER_BYTES = 64;
export const BLOCK_BYTES = 16;
export const DIRECTORY_BYTES = 8;
export const PAGE_RECORDS = 256;
/** A page's checksum stands before its records. */
export const PAGE_HEAD_BYTES = 4;

export interface Header {
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

export function encodeHeader(header: Omit<Header, 'checksum'>): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  buffer.write(MAGIC, 0, 'latin1');
  buffer.writeUInt16LE(VERSION, 6);
  [header.blockRows, header.rows, header.blocks, header.pages, header.records, header.pagesBytes, header.namesBytes, header.namesChecksum].forEach((value, i) => buffer.writeUInt32LE(value, 8 + i * 4));
  return buffer;
}

export function writeChecksum(header: Buffer, checksum: number): void {
  header.writeUInt32LE(checksum, CHECKSUM_AT);
}

/** null where the bytes are no index header of this version. */
export function decodeHeader(buffer: Buffer): Header | null {
  if (buffer.length < HEADER_BYTES || buffer.toString('latin1', 0, 6) !== MAGIC || buffer.readUInt16LE(6) !== VERSION) return null;
  const word = (i: number): number => buffer.readUInt32LE(8 + i * 4);
  return { blockRows: word(0), rows: word(1), blocks: word(2), pages: word(3), records: word(4), pagesBytes: word(5), namesBytes: word(6), namesChecksum: word(7), checksum: buffer.readUInt32LE(CHECKSUM_AT) };
}

export function withoutChecksum(header: Buffer): Buffer {
  const copy = Buffer.from(header);
  writeChecksum(copy, 0);
  return copy;
}
