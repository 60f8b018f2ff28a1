import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { AcceptedCounts } from '../counting/accepted-counts.js';
import { alignUp } from '../storage/bytes.js';
import { writeFully } from '../storage/disk.js';
import type { Disk } from '../storage/disk.js';
import { segmentPath } from '../storage/layout.js';
import { layOutFrames } from './pending-frame.js';
import type { PendingFrame } from './pending-frame.js';
import type { FreshSegment, SegmentPool } from './segment-pool.js';
import type { StoredSegment } from '../recovery/recovery.js';
import { encodeSegmentHeader } from '../segments/segment-header.js';

const BLOCK_OF_ZEROS = new Uint8Array(4096);

interface WritableSegment {
  readonly sequence: number;
  readonly handle: FileHandle;
  readonly base: number;
  /** Bytes that the file is meant to have. */
  readonly fileBytes: number;
  salt: number;
  dataOffset: number;
  /** Frames up to here are on disk. */
  end: number;
  /** Its header is on disk. */
  begun: boolean;
  /** A write or sync failed: what lies behind `end` is unknown, nothing more is written into it. */
  failed: boolean;
}

/** A segment that is written to its end. */
export interface SealedSegment {
  readonly sequence: number;
  readonly base: number;
  readonly end: number;
  readonly fileBytes: number;
}

/**
 * Writes frames one batch at a time. Invariant: everything before `end` is on disk, and whatever a failed attempt may have
 * left behind `end` is never read, since the next frames go into another segment that begins at `end`.
 */
export class SegmentWriter {
  #current: WritableSegment;
  /** Told to onSealed once the next segment's header is on disk: until then they alone say where the log stands. */
  readonly #sealed: SealedSegment[] = [];

  private constructor(readonly journalId: string, readonly accepted: AcceptedCounts, readonly pool: SegmentPool, readonly disk: Disk, readonly onSealed: (sealed: SealedSegment) => void, current: WritableSegment) {
    this.#current = current;
  }

  /** Goes on at the end of a recovered segment. */
  static async resume(dir: string, stored: StoredSegment, end: number, parts: WriterParts): Promise<SegmentWriter> {
    const { sequence, base, salt, dataOffset } = stored.header;
    const handle = await open(segmentPath(dir, sequence), 'r+');
    return SegmentWriter.#from(parts, { sequence, handle, base, fileBytes: stored.fileBytes, salt, dataOffset, end, begun: true, failed: false });
  }

  /** Begins a segment whose header is durable on return. */
  static async begin({ sequence, handle, fileBytes }: FreshSegment, base: number, parts: WriterParts): Promise<SegmentWriter> {
    const writer = SegmentWriter.#from(parts, { sequence, handle, base, fileBytes, salt: 0, dataOffset: 0, end: base, begun: false, failed: false });
    await writer.write([]);
    return writer;
  }

  static #from(parts: WriterParts, current: WritableSegment): SegmentWriter {
    return new SegmentWriter(parts.journalId, parts.accepted, parts.pool, parts.disk, parts.onSealed, current);
  }

  /** Position behind the last durable frame. */
  get end(): number {
    return this.#current.end;
  }

  /** Position of the current segment's first frame. */
  get base(): number {
    return this.#current.base;
  }

  /** The current segment's header is on disk. */
  get begun(): boolean {
    return this.#current.begun;
  }

  get sequence(): number {
    return this.#current.sequence;
  }

  /** Bytes that the current segment takes on disk. */
  get fileBytes(): number {
    const { fileBytes, dataOffset, end, base } = this.#current;
    return Math.max(fileBytes, dataOffset + end - base);
  }

  /** Bytes of frames that still go into the current segment; a segment without frames takes at least one, however long. */
  get room(): number {
    const { base, end, fileBytes, dataOffset, failed } = this.#current;
    return failed ? 0 : fileBytes - dataOffset - (end - base);
  }

  /** Appends frames and syncs. On failure none of them counts. They must fit (`room`) or there begins a new segment. */
  async write(frames: readonly PendingFrame[]): Promise<void> {
    const bytes = frames.reduce((sum, frame) => sum + frame.frameBytes, 0);
    if (this.#current.failed || (bytes > this.room && this.#current.end > this.#current.base)) await this.#roll();
    const segment = this.#current;
    const lead = segment.begun ? null : this.#leadOf(segment);
    const buffers = layOutFrames(frames, segment.end, segment.salt, this.accepted);
    try {
      const offset = segment.dataOffset + segment.end - segment.base;
      buffers.push(restOfBlock(offset + bytes, segment.fileBytes));
      await (lead === null ? writeFully(this.disk, segment.handle.fd, buffers, offset) : writeFully(this.disk, segment.handle.fd, [lead, ...buffers], 0));
      await this.disk.datasync(segment.handle.fd);
    } catch (error) {
      segment.failed = segment.begun; // one not begun is begun anew, with another salt
      for (const frame of frames) this.accepted.add(frame.tenantName, frame.signal, frame.originName, -frame.accepted);
      throw error;
    }
    segment.begun = true;
    segment.end += bytes;
    for (const sealed of this.#sealed.splice(0)) this.onSealed(sealed);
  }

  close(): Promise<void> {
    return this.#current.handle.close();
  }

  #leadOf(segment: WritableSegment): Buffer {
    segment.salt = randomBytes(4).readUInt32LE();
    const lead = encodeSegmentHeader({ sequence: segment.sequence, base: segment.base, salt: segment.salt, journalId: this.journalId, createdNs: BigInt(Date.now()) * 1_000_000n, accepted: this.accepted });
    segment.dataOffset = lead.length;
    return lead;
  }

  async #roll(): Promise<void> {
    const sealed = this.#current;
    const { sequence, handle, fileBytes } = await this.pool.take(sealed.sequence + 1);
    this.#current = { sequence, handle, base: sealed.end, fileBytes, salt: 0, dataOffset: 0, end: sealed.end, begun: false, failed: false };
    const { size } = await sealed.handle.stat();
    await sealed.handle.close();
    this.#sealed.push({ sequence: sealed.sequence, base: sealed.base, end: sealed.end, fileBytes: size });
  }
}

/**
 * Zeros from the end of what is written to the end of its block. A block that is written in part has to be read first where it is not in
 * the page cache, and segments that were filled with zeros or lay unused for a while are not.
 */
function restOfBlock(end: number, fileBytes: number): Uint8Array {
  return BLOCK_OF_ZEROS.subarray(0, Math.max(0, Math.min(alignUp(end, BLOCK_OF_ZEROS.length), fileBytes) - end));
}

/** What a writer stands on. */
export interface WriterParts {
  readonly journalId: string;
  /** Counts at the writer's end; the writer keeps them. */
  readonly accepted: AcceptedCounts;
  readonly pool: SegmentPool;
  readonly disk: Disk;
  readonly onSealed: (sealed: SealedSegment) => void;
}
