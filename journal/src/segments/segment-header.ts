import { crc32 } from 'node:zlib';
import { AcceptedCounts } from '../counting/accepted-counts.js';
import type { AcceptedRow } from '../counting/accepted-counts.js';
import { alignUp, readU64, writeU64 } from '../storage/bytes.js';
import { JournalError } from '../errors.js';

/** `SBXS` */
const SEGMENT_MAGIC = 0x53584253;
/** The version of the whole format; a greater one is refused. 1: without origins. */
export const FORMAT_VERSION = 2;
const FIXED_BYTES = 72;
/** The first frame stands at a multiple of this, so that header and frames share no page. */
const PAGE_BYTES = 4096;
/** Enough for 50,000 tenants with ten origins of 50 bytes; a greater length is damage. */
const MAX_BYTES = 64 << 20;

export interface SegmentHeader {
  /** The same as in the file's name; otherwise the file is a recycled one that has not been begun yet. */
  readonly sequence: number;
  /** Position of the first frame. */
  readonly base: number;
  /** Seeds the checksum of each frame's header, so that nothing from an earlier use or from within a payload passes for a frame. */
  readonly salt: number;
  readonly journalId: string;
  readonly createdNs: bigint;
  /** Offset in the file of the first frame. */
  readonly dataOffset: number;
  /** Items accepted before `base`. */
  readonly accepted: AcceptedCounts;
}

/** The header's bytes, padded to `dataOffset`. */
export function encodeSegmentHeader(fields: Omit<SegmentHeader, 'dataOffset'>): Buffer {
  const streams = Array.from(fields.accepted.entries(), ({ tenant, origin, row }) => ({ names: [Buffer.from(tenant), Buffer.from(origin)], row }));
  const headerBytes = FIXED_BYTES + streams.reduce((sum, { names }) => names.reduce((length, name) => length + 1 + name.length, sum + 24), 0);
  const out = Buffer.alloc(alignUp(headerBytes, PAGE_BYTES));
  out.writeUInt32LE(SEGMENT_MAGIC, 0);
  out.writeUInt16LE(FORMAT_VERSION, 8);
  out.writeUInt32LE(headerBytes, 12);
  writeU64(out, fields.sequence, 16);
  writeU64(out, fields.base, 24);
  out.write(fields.journalId.replaceAll('-', ''), 32, 16, 'hex');
  out.writeUInt32LE(fields.salt, 48);
  out.writeUInt32LE(streams.length, 52);
  out.writeBigInt64LE(fields.createdNs, 56);
  out.writeUInt32LE(out.length, 64);
  let at = FIXED_BYTES;
  for (const { names, row } of streams) {
    for (const name of names) {
      out[at++] = name.length;
      at += name.copy(out, at);
    }
    for (const count of row) {
      writeU64(out, count, at);
      at += 8;
    }
  }
  out.writeUInt32LE(crc32(out.subarray(8, headerBytes)), 4);
  return out;
}

/** Answers a number when that many bytes are needed, null when this is no valid header. @throws JournalError SBX_JOURNAL_NEWER */
export function decodeSegmentHeader(from: Buffer): SegmentHeader | number | null {
  if (from.length < FIXED_BYTES) return FIXED_BYTES;
  if (from.readUInt32LE(0) !== SEGMENT_MAGIC) return null;
  const headerBytes = from.readUInt32LE(12);
  if (headerBytes < FIXED_BYTES || headerBytes > MAX_BYTES) return null;
  if (from.length < headerBytes) return headerBytes;
  if (crc32(from.subarray(8, headerBytes)) !== from.readUInt32LE(4)) return null;
  const version = from.readUInt16LE(8);
  if (version > FORMAT_VERSION) throw newerError(version);
  const rows: AcceptedRow[] = [];
  let at = FIXED_BYTES;
  for (let left = from.readUInt32LE(52); left > 0; left--) {
    const tenantEnd = at + 1 + from[at]!;
    const originEnd = version === 1 ? tenantEnd : tenantEnd + 1 + from[tenantEnd]!;
    const origin = version === 1 ? '' : from.toString('utf8', tenantEnd + 1, originEnd);
    rows.push([from.toString('utf8', at + 1, tenantEnd), readU64(from, originEnd), readU64(from, originEnd + 8), readU64(from, originEnd + 16), origin]);
    at = originEnd + 24;
  }
  return {
    sequence: readU64(from, 16),
    base: readU64(from, 24),
    journalId: from.toString('hex', 32, 48).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    salt: from.readUInt32LE(48),
    createdNs: from.readBigInt64LE(56),
    dataOffset: from.readUInt32LE(64),
    accepted: AcceptedCounts.fromJSON(rows),
  };
}

export function newerError(version: number, place = 'the journal'): JournalError {
  return new JournalError('SBX_JOURNAL_NEWER', `${place} has format version ${version}, this program knows up to ${FORMAT_VERSION}: upgrade the program, or choose another data directory`);
}
