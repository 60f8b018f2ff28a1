import { open, readdir, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { AcceptedCounts } from '../counting/accepted-counts.js';
import { batchKey } from '../writing/batch-memory.js';
import type { BatchMemory } from '../writing/batch-memory.js';
import { acceptedItems } from '../frame.js';
import { FRAME_ALIGN, FRAME_MAGIC_BYTES, decodeFrameHeader } from '../segments/frame-header.js';
import type { StoredHeader } from '../segments/frame-header.js';
import { findFrame, readFrameHeader, walkHeaders } from '../segments/header-walk.js';
import type { Damage } from '../segments/header-walk.js';
import { segmentPath, sequenceOf } from '../storage/layout.js';
import type { JournalLogger } from '../log.js';
import type { DurablePosition } from '../storage/position-file.js';
import { SegmentFile } from '../segments/segment-file.js';
import type { SegmentHeader } from '../segments/segment-header.js';

export interface StoredSegment {
  readonly header: SegmentHeader;
  readonly fileBytes: number;
}

export interface Recovered {
  /** Begun segments, oldest first; the last is the one to go on with. */
  readonly segments: StoredSegment[];
  /** Sequences of files that were made ready and not begun. */
  readonly ready: number[];
  /** Where the last segment's frames end. */
  readonly end: number;
  /** Items accepted before `end`. */
  readonly accepted: AcceptedCounts | null;
}

/** How much of the segments before the last is read for their batch ids at most. */
const MEMORY_READ_BYTES = 128 << 20;

/** Finds the end of the log by checksums and makes sure that nothing behind it can ever pass for a frame. */
export async function recover(dir: string, published: DurablePosition, memory: BatchMemory, nowNs: bigint, logger: JournalLogger): Promise<Recovered> {
  const sequences = (await readdir(dir)).flatMap((name) => sequenceOf(name) ?? []).sort((a, b) => a - b);
  const segments: StoredSegment[] = [];
  const unreadable: number[] = [];
  for (const sequence of sequences) {
    const file = await SegmentFile.open(dir, sequence);
    if (file === null) unreadable.push(sequence);
    else segments.push({ header: file.header, fileBytes: file.fileBytes });
    await file?.close();
  }
  const last = segments.at(-1);
  const begunUpTo = Math.max(last?.header.sequence ?? -1, published.sequence);
  for (const sequence of unreadable.filter((each) => each <= begunUpTo)) {
    logger.error('a segment of the journal has a damaged header; it is set aside and what it held is counted as dropped (corrupt)', { file: segmentPath(dir, sequence) });
    await rename(segmentPath(dir, sequence), `${segmentPath(dir, sequence)}.damaged`);
  }
  const ready = unreadable.filter((each) => each > begunUpTo);
  if (last === undefined) return { segments, ready, end: 0, accepted: null };
  const tail = await recoverTail(dir, last, published, logger);
  await remember(dir, segments, tail.headers, memory, nowNs);
  return { segments, ready, end: tail.end, accepted: tail.accepted };
}

async function recoverTail(dir: string, { header: segment, fileBytes }: StoredSegment, published: DurablePosition, logger: JournalLogger): Promise<{ end: number; accepted: AcceptedCounts; headers: StoredHeader[] }> {
  const file = await SegmentFile.open(dir, segment.sequence);
  if (file === null) throw new Error(`${segmentPath(dir, segment.sequence)} vanished while it was read`);
  try {
    const known = published.sequence === segment.sequence && published.durable >= segment.base ? published.durable : null;
    const accepted = segment.accepted.clone();
    const headers: StoredHeader[] = [];
    const take = (header: StoredHeader): void => {
      accepted.set(header.tenant, header.signal, header.origin, header.acceptedBefore + acceptedItems(header));
      if (header.batchId !== '') headers.push(header);
    };
    const damages: Damage[] = [];
    const fileEnd = segment.base + fileBytes - segment.dataOffset;
    if (known !== null) await walkHeaders(file, segment.base, known, take, (damage) => damages.push(damage));
    let end = known ?? segment.base;
    if (known === null) end = await verifyAll(file, segment.base, fileEnd, take, damages);
    else if (!published.clean) end = await verifyTail(file, known, fileEnd, take);
    for (const damage of damages) logger.error('the journal holds unreadable bytes; readers count what they held as dropped (corrupt)', { ...damage, file: file.path });
    if (known === null || !published.clean) await settleTail(file, end, fileEnd, known ?? segment.base);
    return { end, accepted, headers };
  } finally {
    await file.close();
  }
}

/** Takes frames from `from` on as long as header and payload are whole; answers where they end. */
async function verifyTail(file: SegmentFile, from: number, fileEnd: number, take: (header: StoredHeader) => void): Promise<number> {
  let at = from;
  while (at < fileEnd) {
    const header = await readFrameHeader(file, at, fileEnd);
    if (header === null) break;
    const payload = await file.read(at + header.headerBytes, header.payloadBytes);
    if (payload.length < header.payloadBytes || crc32(payload) !== header.payloadCrc) break;
    take(header);
    at = header.next;
  }
  return at;
}

/** Where nothing tells how far the log was acknowledged: whole frames behind damage count too. */
async function verifyAll(file: SegmentFile, from: number, fileEnd: number, take: (header: StoredHeader) => void, damages: Damage[]): Promise<number> {
  let end = from;
  for (let at = from; at < fileEnd; ) {
    const verified = await verifyTail(file, at, fileEnd, take);
    if (verified > at) {
      if (at > end) damages.push({ from: end, to: at });
      end = verified;
    }
    at = await findFrame(file, verified + FRAME_ALIGN, fileEnd);
  }
  return end;
}

/**
 * Makes the end final: frames behind a torn one lose their magic, so that later appends can never lead up to them; and
 * what was found behind the published position is written anew before the sync, since after a failed sync the page cache
 * may hold what the disk does not.
 */
async function settleTail(file: SegmentFile, end: number, fileEnd: number, unsyncedFrom: number): Promise<void> {
  const { base, dataOffset, salt } = file.header;
  const handle = await open(file.path, 'r+');
  try {
    const sliceBytes = 4 << 20;
    for (let at = unsyncedFrom; at < end; at += sliceBytes) {
      const slice = await file.read(at, Math.min(sliceBytes, end - at));
      await handle.write(slice, 0, slice.length, dataOffset + at - base);
    }
    const torn = Buffer.alloc(FRAME_ALIGN);
    if (end < fileEnd) await handle.write(torn, 0, Math.min(torn.length, fileEnd - end), dataOffset + end - base);
    for (let at = end; at < fileEnd; at += sliceBytes) {
      const slice = await file.read(at, Math.min(sliceBytes + FRAME_ALIGN, fileEnd - at));
      for (let hit = slice.indexOf(FRAME_MAGIC_BYTES); hit >= 0; hit = slice.indexOf(FRAME_MAGIC_BYTES, hit + 1)) {
        if (decodeFrameHeader(slice, hit, at + hit, salt) === null) continue; // too short counts as possible
        await handle.write(torn, 0, Math.min(torn.length, fileEnd - at - hit), dataOffset + at + hit - base);
      }
      if (slice.length === 0) break;
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Fills the batch memory, newest segments first, within bounds of age, number and bytes read. */
async function remember(dir: string, segments: readonly StoredSegment[], newest: readonly StoredHeader[], memory: BatchMemory, nowNs: bigint): Promise<void> {
  const groups: (readonly StoredHeader[])[] = [newest];
  let found = newest.length;
  let budget = MEMORY_READ_BYTES;
  for (let i = segments.length - 2; i >= 0; i--) {
    const { header, fileBytes } = segments[i]!;
    const following = segments[i + 1]!.header;
    if (found >= memory.maxEntries || (budget -= fileBytes) < 0 || nowNs - following.createdNs > memory.maxAgeNs) break;
    const file = await SegmentFile.open(dir, header.sequence);
    if (file === null) break;
    const group: StoredHeader[] = [];
    await walkHeaders(file, header.base, following.base, (each) => { if (each.batchId !== '') group.push(each); }, () => undefined);
    await file.close();
    groups.push(group);
    found += group.length;
  }
  const seen = new Set<string>();
  const recent = groups.flat().filter((each) => nowNs - each.receivedNs <= memory.maxAgeNs);
  for (const each of recent.sort((a, b) => a.position - b.position)) {
    if (seen.has(batchKey(each.tenant, each.batchId))) continue;
    seen.add(batchKey(each.tenant, each.batchId));
    memory.add(each.tenant, each.batchId, each.position, each.receivedNs);
  }
}
