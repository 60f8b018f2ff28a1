import { FRAME_ALIGN, FRAME_FIXED_BYTES, FRAME_MAGIC_BYTES, decodeFrameHeader } from './frame-header.js';
import type { StoredHeader } from './frame-header.js';
import type { SegmentFile } from './segment-file.js';

const DENSE_READ_BYTES = 256 << 10;
const SPARSE_READ_BYTES = 4096;
const SEARCH_BYTES = 1 << 20;
const RECENT_READ_BYTES = 8192;

/** Bytes of the log that hold no readable frame. */
export interface Damage {
  readonly from: number;
  readonly to: number;
}

/**
 * Visits the headers of the frames in [from, limit) of one segment, reading no more of the payloads than lies between
 * small headers. Goes on behind damage at the next frame that is whole; stops early when `visit` answers false.
 */
export async function walkHeaders(file: SegmentFile, from: number, limit: number, visit: (header: StoredHeader) => boolean | void, damaged: (damage: Damage) => void): Promise<void> {
  const { salt } = file.header;
  let chunk: Buffer = Buffer.alloc(0);
  let chunkAt = from;
  let at = from;
  let step = DENSE_READ_BYTES;
  while (at < limit) {
    let header = decodeFrameHeader(chunk, at - chunkAt, at, salt);
    for (let asked = 0; typeof header === 'number' && asked < header; ) {
      asked = Math.max(step, header);
      chunk = await file.read(at, Math.min(asked, limit - at));
      chunkAt = at;
      header = decodeFrameHeader(chunk, 0, at, salt);
    }
    if (header === null || typeof header === 'number' || header.next > limit) {
      const to = await findFrame(file, at + FRAME_ALIGN, limit);
      damaged({ from: at, to });
      at = to;
      continue;
    }
    if (visit(header) === false) return;
    step = header.next - at > DENSE_READ_BYTES / 4 ? SPARSE_READ_BYTES : DENSE_READ_BYTES;
    at = header.next;
  }
}

/**
 * Visits headers as walkHeaders does, of frames that were read just before: without the way to another thread and back for each, which
 * takes many times as long as the read. Answers where it stopped: at the first that is not whole, or larger than usual, or at the limit.
 */
export function walkRecentHeaders(file: SegmentFile, from: number, limit: number, visit: (header: StoredHeader) => void): number {
  const { salt } = file.header;
  const room = Buffer.allocUnsafe(RECENT_READ_BYTES);
  let chunk = room.subarray(0, 0);
  let chunkAt = from;
  let at = from;
  while (at < limit) {
    let header = decodeFrameHeader(chunk, at - chunkAt, at, salt);
    if (typeof header === 'number') {
      chunk = room.subarray(0, file.readNow(at, room.subarray(0, Math.min(room.length, limit - at))));
      chunkAt = at;
      header = decodeFrameHeader(chunk, 0, at, salt);
    }
    if (header === null || typeof header === 'number' || header.next > limit) return at;
    visit(header);
    at = header.next;
  }
  return at;
}

/** Position of the first whole header at or behind `from`, or `limit`. */
export async function findFrame(file: SegmentFile, from: number, limit: number): Promise<number> {
  for (let chunkAt = from; chunkAt < limit; chunkAt += SEARCH_BYTES) {
    const chunk = await file.read(chunkAt, Math.min(SEARCH_BYTES + FRAME_FIXED_BYTES, limit - chunkAt));
    for (let hit = chunk.indexOf(FRAME_MAGIC_BYTES); hit >= 0; hit = chunk.indexOf(FRAME_MAGIC_BYTES, hit + 1)) {
      if ((chunkAt + hit) % FRAME_ALIGN !== 0) continue;
      const header = await readFrameHeader(file, chunkAt + hit, limit);
      if (header !== null) return chunkAt + hit;
    }
    if (chunk.length === 0) break;
  }
  return limit;
}

/** The whole header at a position, or null. */
export async function readFrameHeader(file: SegmentFile, position: number, limit: number): Promise<StoredHeader | null> {
  let bytes = SPARSE_READ_BYTES;
  for (;;) {
    const chunk = await file.read(position, Math.min(bytes, limit - position));
    const header = decodeFrameHeader(chunk, 0, position, file.header.salt);
    if (typeof header !== 'number') return header !== null && header.next <= limit ? header : null;
    if (header <= bytes) return null;
    bytes = header;
  }
}
