import { crc32 } from 'node:zlib';
import { FRAME_SIGNALS, signalIndex } from '../counting/accepted-counts.js';
import { alignUp, readU64, writeU64 } from '../storage/bytes.js';
import type { FrameEncoding, FrameHeader, FrameSignal } from '../frame.js';

/** `SBXF` */
const FRAME_MAGIC = 0x46584253;
export const FRAME_MAGIC_BYTES = Buffer.from('SBXF', 'latin1');
/** 2: with an origin, whose length was always 0 before. */
const FRAME_VERSION = 2;
const OLDEST_FRAME_VERSION = 1;
/** Bytes in front of tenant, batch id, origin and rejected ordinals. */
export const FRAME_FIXED_BYTES = 64;
/** Frames begin at multiples of this, so that a search for the next one can step. */
export const FRAME_ALIGN = 8;
export const MAX_TENANT_BYTES = 255;
export const MAX_BATCH_ID_BYTES = 1024;
export const MAX_ORIGIN_BYTES = 255;
export const MAX_REJECTED = 1_000_000;
const MAX_HEADER_BYTES = alignUp(FRAME_FIXED_BYTES + MAX_TENANT_BYTES + 1 + MAX_BATCH_ID_BYTES + MAX_ORIGIN_BYTES + 4 * MAX_REJECTED, FRAME_ALIGN) + FRAME_ALIGN;
const ENCODINGS: readonly FrameEncoding[] = ['otlp', 'prometheus'];
const NO_ORDINALS: readonly number[] = Object.freeze([]);

/** A header with what only the journal itself needs. */
export interface StoredHeader extends FrameHeader {
  readonly headerBytes: number;
  readonly payloadCrc: number;
  /** Items of this tenant, signal and origin accepted before this frame, since the log's beginning. */
  readonly acceptedBefore: number;
}

/** What is written into a header beside the position. */
export interface HeaderFields {
  readonly signal: FrameSignal;
  readonly encoding: FrameEncoding;
  readonly tenant: Buffer;
  readonly batchId: Buffer;
  readonly origin: Buffer;
  readonly items: number;
  readonly rejected: readonly number[];
  readonly receivedNs: bigint;
  readonly payloadBytes: number;
  readonly payloadCrc: number;
}

export function headerBytesOf(fields: Pick<HeaderFields, 'tenant' | 'batchId' | 'origin' | 'rejected'>): number {
  return alignUp(alignUp(FRAME_FIXED_BYTES + fields.tenant.length + fields.batchId.length + fields.origin.length, 4) + 4 * fields.rejected.length, FRAME_ALIGN);
}

/** Bytes of the whole frame with its padding. */
export function frameBytesOf(headerBytes: number, payloadBytes: number): number {
  return alignUp(headerBytes + payloadBytes, FRAME_ALIGN);
}

/** Writes the header at `offset`; answers its length. `salt` is the segment's: it seeds the checksum. */
export function encodeFrameHeader(to: Buffer, offset: number, fields: HeaderFields, position: number, acceptedBefore: number, salt: number): number {
  const headerBytes = headerBytesOf(fields);
  const end = offset + headerBytes;
  to.writeUInt32LE(FRAME_MAGIC, offset);
  to.writeUInt32LE(headerBytes, offset + 8);
  to.writeUInt32LE(fields.payloadBytes, offset + 12);
  to.writeUInt32LE(fields.payloadCrc, offset + 16);
  to[offset + 20] = FRAME_VERSION;
  to[offset + 21] = signalIndex(fields.signal) + 1;
  to[offset + 22] = ENCODINGS.indexOf(fields.encoding) + 1;
  to[offset + 23] = fields.tenant.length;
  writeU64(to, position, offset + 24);
  to.writeBigInt64LE(fields.receivedNs, offset + 32);
  writeU64(to, acceptedBefore, offset + 40);
  to.writeUInt32LE(fields.items, offset + 48);
  to.writeUInt32LE(fields.rejected.length, offset + 52);
  to.writeUInt32LE(fields.batchId.length, offset + 56);
  to.writeUInt32LE(fields.origin.length, offset + 60);
  let at = offset + FRAME_FIXED_BYTES;
  at += fields.tenant.copy(to, at);
  at += fields.batchId.copy(to, at);
  at += fields.origin.copy(to, at);
  while ((at - offset) % 4 !== 0) to[at++] = 0;
  for (const ordinal of fields.rejected) at = to.writeUInt32LE(ordinal, at);
  to.fill(0, at, end);
  to.writeUInt32LE(crc32(to.subarray(offset + 8, end), salt), offset + 4);
  return headerBytes;
}

/**
 * Reads the header at `offset`. `position` is where the frame lies in the log: a frame that says otherwise is left over
 * from a segment's earlier use. Answers a number when that many bytes from `offset` on are needed, null when there is no
 * valid header.
 */
export function decodeFrameHeader(from: Buffer, offset: number, position: number, salt: number): StoredHeader | number | null {
  const available = from.length - offset;
  if (available < FRAME_FIXED_BYTES) return FRAME_FIXED_BYTES;
  if (from.readUInt32LE(offset) !== FRAME_MAGIC || readU64(from, offset + 24) !== position) return null;
  const headerBytes = from.readUInt32LE(offset + 8);
  if (headerBytes < FRAME_FIXED_BYTES || headerBytes > MAX_HEADER_BYTES || headerBytes % FRAME_ALIGN !== 0) return null;
  if (available < headerBytes) return headerBytes;
  if (crc32(from.subarray(offset + 8, offset + headerBytes), salt) !== from.readUInt32LE(offset + 4)) return null;
  const signal = FRAME_SIGNALS[from[offset + 21]! - 1];
  const encoding = ENCODINGS[from[offset + 22]! - 1];
  const version = from[offset + 20]!;
  if (version < OLDEST_FRAME_VERSION || version > FRAME_VERSION || signal === undefined || encoding === undefined) return null;
  const payloadBytes = from.readUInt32LE(offset + 12);
  const tenantAt = offset + FRAME_FIXED_BYTES;
  const batchIdAt = tenantAt + from[offset + 23]!;
  const batchIdEnd = batchIdAt + from.readUInt32LE(offset + 56);
  const originEnd = batchIdEnd + from.readUInt32LE(offset + 60);
  return {
    signal,
    encoding,
    tenant: from.toString('utf8', tenantAt, batchIdAt),
    batchId: batchIdEnd === batchIdAt ? '' : from.toString('utf8', batchIdAt, batchIdEnd),
    origin: originEnd === batchIdEnd ? '' : from.toString('utf8', batchIdEnd, originEnd),
    items: from.readUInt32LE(offset + 48),
    rejected: readOrdinals(from, offset + alignUp(originEnd - offset, 4), from.readUInt32LE(offset + 52)),
    receivedNs: from.readBigInt64LE(offset + 32),
    position,
    next: position + frameBytesOf(headerBytes, payloadBytes),
    payloadBytes,
    headerBytes,
    payloadCrc: from.readUInt32LE(offset + 16),
    acceptedBefore: readU64(from, offset + 40),
  };
}

function readOrdinals(from: Buffer, at: number, count: number): readonly number[] {
  if (count === 0) return NO_ORDINALS;
  const ordinals = new Array<number>(count);
  for (let i = 0; i < count; i++) ordinals[i] = from.readUInt32LE(at + 4 * i);
  return ordinals;
}
