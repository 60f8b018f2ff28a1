import { crc32 } from 'node:zlib';

/**
 * A block: the samples of a part of the journal, by tenant and series. All numbers are little-endian; docs/formats/store.md. Version 1 had no steps (form 10), version 2 chunks of 240 samples at most.
 *
 *     head (16 bytes) | per tenant: chunks, index | table of contents (JSON) | tail (16 bytes)
 */
export const BLOCK_VERSION = 3;
export const HEAD_BYTES = 16;
export const TAIL_BYTES = 16;
const MAGIC = Buffer.from('SBXSER');
const TAIL_MAGIC = Buffer.from('SBXSEND1');

/** A tenant's part of a block. */
export interface TenantPart {
  readonly tenant: string;
  readonly chunksAt: number;
  readonly chunksBytes: number;
  readonly indexAt: number;
  readonly indexBytes: number;
  readonly indexCrc: number;
  readonly series: number;
  readonly samples: number;
  /** Null where there are no samples. */
  readonly minMs: number | null;
  readonly maxMs: number | null;
}

export function blockHead(): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt16LE(BLOCK_VERSION, 6);
  return head;
}

/** What is wrong with a block's first bytes; null where nothing is. */
export function headProblem(head: Buffer): string | null {
  if (head.length < HEAD_BYTES || !head.subarray(0, 6).equals(MAGIC)) return 'it is no block of series';
  const version = head.readUInt16LE(6);
  return version > BLOCK_VERSION ? `it has version ${version}, this program knows ${BLOCK_VERSION}` : null;
}

export function blockTail(contents: Buffer): Buffer {
  const tail = Buffer.alloc(TAIL_BYTES);
  tail.writeUInt32LE(contents.length, 0);
  tail.writeUInt32LE(crc32(contents), 4);
  TAIL_MAGIC.copy(tail, 8);
  return tail;
}

/** Length and checksum of the table of contents; null where the bytes are no tail. */
export function readTail(tail: Buffer): { readonly bytes: number; readonly crc: number } | null {
  if (tail.length < TAIL_BYTES || !tail.subarray(8).equals(TAIL_MAGIC)) return null;
  return { bytes: tail.readUInt32LE(0), crc: tail.readUInt32LE(4) };
}
