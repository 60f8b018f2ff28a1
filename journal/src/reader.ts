import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { tallyAt } from './counting/counts-at.js';
import { JournalError } from './errors.js';
import type { Frame, FrameHeader } from './frame.js';
import { FRAME_ALIGN, decodeFrameHeader } from './segments/frame-header.js';
import type { StoredHeader } from './segments/frame-header.js';
import { findFrame } from './segments/header-walk.js';
import { HeaderTrail } from './header-trail.js';
import { readIdentity } from './storage/identity.js';
import type { LedgerChange } from './ledger-change.js';
import { silent } from './log.js';
import type { JournalLogger } from './log.js';
import { LossTally } from './counting/loss-tally.js';
import { PositionReader } from './storage/position-file.js';
import type { ReadSpace } from './read-space.js';
import type { SegmentFile } from './segments/segment-file.js';
import { SegmentIndex } from './segments/segment-index.js';

export interface ReadOptions {
  /** Payload bytes answered at most; a single frame may have more. */
  readonly maxBytes: number;
  readonly maxFrames?: number;
  /** Which frames to answer; the payloads of others are not read. */
  readonly wants: (header: FrameHeader) => boolean;
  /** Where to stop short: neither the frame that it answers true for nor anything behind it is read; `next` is that frame's position. */
  readonly stopsAt?: (header: FrameHeader) => boolean;
  /** Where the payloads are put: they hold until the next read with it. Without, they are the caller's to keep. */
  readonly space?: ReadSpace;
  /** What lies in front of this position is worth reading ahead; behind it the caller may well stop. Default: up to the durable position. */
  readonly aheadTo?: number;
}

export interface ReadResult {
  /** In order; their payloads are the caller's to keep, unless they lie in a `space`. */
  readonly frames: Frame[];
  /** Where to read on. It moves over frames that were not wanted too; equal to `from` when there is nothing new. */
  readonly next: number;
  /**
   * Items of all tenants and signals between `from` and `next` that nobody can read any more, dropped as `evicted` (the
   * segment was recycled before) or `corrupt`. Hand them to the cursor's commit, at `next` or later; it takes its own signals.
   */
  readonly evicted: readonly LedgerChange[];
}

const MAX_CHUNK_BYTES = 4 << 20;
const MIN_CHUNK_BYTES = 64 << 10;
const PROBE_BYTES = 4096;
/** A read without a wanted frame comes back after so much of the log, so that its caller may stop. */
const MAX_SCAN_BYTES = 256 << 20;
const POLL_MIN_MS = 3;
const POLL_MAX_MS = 30;

/** Reads a journal from any process, up to the durable position. */
export class JournalReader {
  readonly #index: SegmentIndex;
  readonly #position: PositionReader;
  /** What is known at the ends of recent reads, where the next reads usually begin. */
  readonly #tallies = new Map<number, LossTally>();
  #turn: Promise<unknown> = Promise.resolve();
  #pollMs = POLL_MIN_MS;
  readonly #closed = new AbortController();

  private constructor(readonly dir: string, /** The journal's uuid. */ readonly id: string, /** What it came by of late; for its cursor. */ readonly trail: HeaderTrail, private readonly logger: JournalLogger) {
    this.#index = new SegmentIndex(dir);
    this.#position = new PositionReader(dir);
  }

  /**
   * Waits for the writer to create the journal where it does not exist yet. Readers that share a `trail` spare each other the headers.
   * @throws JournalError SBX_JOURNAL_MISSING, SBX_JOURNAL_NEWER
   */
  static async open(dir: string, options: { readonly timeoutMs?: number; readonly logger?: JournalLogger; readonly signal?: AbortSignal; readonly trail?: HeaderTrail } = {}): Promise<JournalReader> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    const until = performance.now() + timeoutMs;
    for (;;) {
      options.signal?.throwIfAborted();
      const id = await readIdentity(dir);
      if (id !== null) return new JournalReader(dir, id, options.trail ?? new HeaderTrail(), options.logger ?? silent);
      if (performance.now() >= until) throw new JournalError('SBX_JOURNAL_MISSING', `there is no journal in ${dir} (waited ${timeoutMs} ms): start the process that writes it (role receive), or check the data directory`);
      await sleep(20);
    }
  }

  /** How far the log is on disk; microseconds. */
  durable(): number {
    return this.#position.read().durable;
  }

  /** Reads on from a position that an earlier read or a cursor gave. */
  read(from: number, options: ReadOptions): Promise<ReadResult> {
    const result = this.#turn.then(() => this.#read(from, options));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Settles when there is more behind `after`, at the timeout, or when `signal` (or close) ends it. */
  async wait(after: number, signal: AbortSignal, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (!signal.aborted && !this.#closed.signal.aborted) {
      if (this.durable() > after) {
        this.#pollMs = POLL_MIN_MS;
        return;
      }
      const leftMs = until - performance.now();
      if (leftMs <= 0) return;
      await sleep(Math.min(this.#pollMs, leftMs));
      this.#pollMs = Math.min(POLL_MAX_MS, this.#pollMs * 1.5);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#turn;
    await this.#index.close();
    this.#position.close();
  }

  async #read(from: number, options: ReadOptions): Promise<ReadResult> {
    if (this.#closed.signal.aborted) throw new JournalError('SBX_JOURNAL_CLOSED', 'the journal\'s reader is closed');
    const published = this.#position.read();
    if (from >= published.durable) return { frames: [], next: from, evicted: [] };
    await this.#index.update(published);
    const { durable } = published;
    options.space?.reuse();
    let tally = this.#takeTally(from) ?? (await tallyAt(this.#index, this.dir, from));
    const pass: Pass = { at: from, frames: [], bytes: 0, done: false };
    while (!pass.done && pass.at < durable && pass.at - from < MAX_SCAN_BYTES) {
      const found = this.#index.find(pass.at, durable);
      if (found === null || pass.at >= found.end) {
        await this.#index.update(published, true);
        const to = this.#index.oldest ?? durable;
        const gone = this.#index.oldest !== null || this.#position.read().sequence !== published.sequence;
        this.logger.warn(gone ? 'segments of the journal were recycled before this reader came to them; what they held counts as dropped (evicted)' : 'no segment of the journal is readable', { dir: this.dir, from: pass.at, to });
        tally?.gap(gone ? 'evicted' : 'corrupt');
        if (to <= pass.at) break;
        pass.at = to;
        continue;
      }
      const file = await this.#index.file(found.header.sequence);
      if (file === null) {
        await this.#index.forget(found.header.sequence);
        continue;
      }
      tally ??= new LossTally(found.header.accepted.clone()); // nobody knows what came before
      if (pass.at === found.header.base) tally.enterSegment(found.header);
      await this.#readSegment(file, found.end, pass, options, tally);
    }
    if (tally !== null) this.#keepTally(pass.at, tally);
    return { frames: pass.frames, next: pass.at, evicted: tally?.takeLosses() ?? [] };
  }

  /** Reads frames of one segment into `pass` up to `end`, or as far as it is still there. */
  async #readSegment(file: SegmentFile, end: number, pass: Pass, options: ReadOptions, tally: LossTally): Promise<void> {
    const { salt } = file.header;
    let chunk: Buffer = Buffer.alloc(0);
    let chunkAt = pass.at;
    const ahead = (): number => aheadBytes(pass, options);
    let chunkBytes = ahead();
    while (pass.at < end) {
      let header: StoredHeader | number | null = this.trail.at(pass.at) ?? decodeFrameHeader(chunk, pass.at - chunkAt, pass.at, salt);
      for (let asked = 0; typeof header === 'number' && asked < header; ) {
        asked = Math.max(chunkBytes, header);
        chunk = await file.read(pass.at, Math.min(asked, end - pass.at), options.space);
        chunkAt = pass.at;
        header = decodeFrameHeader(chunk, 0, pass.at, salt);
      }
      if (header === null || typeof header === 'number' || header.next > end) {
        if (!(await this.#skipDamage(file, end, pass, tally))) return;
        continue;
      }
      this.trail.remember(header);
      if (options.stopsAt?.(header) === true) {
        pass.done = true;
        return;
      }
      const wanted = options.wants(header);
      if (wanted) {
        if (pass.frames.length > 0 && (pass.bytes + header.payloadBytes > options.maxBytes || pass.frames.length >= (options.maxFrames ?? Infinity))) {
          pass.done = true;
          return;
        }
        if (header.next > chunkAt + chunk.length) {
          chunk = await file.read(pass.at, Math.min(Math.max(header.next - pass.at, ahead()), end - pass.at), options.space);
          chunkAt = pass.at;
        }
        if (!(await this.#takeFrame(file, chunk, pass.at - chunkAt, header, pass, tally))) return;
      }
      tally.frame(header);
      chunkBytes = wanted ? ahead() : header.next > chunkAt + chunk.length ? PROBE_BYTES : MIN_CHUNK_BYTES;
      pass.at = header.next;
    }
  }

  /** False when the segment was recycled meanwhile. */
  async #takeFrame(file: SegmentFile, chunk: Buffer, offset: number, header: StoredHeader, pass: Pass, tally: LossTally): Promise<boolean> {
    const payload = chunk.subarray(offset + header.headerBytes, offset + header.headerBytes + header.payloadBytes);
    if (payload.length === header.payloadBytes && crc32(payload) === header.payloadCrc) {
      const { headerBytes: _h, payloadCrc: _p, acceptedBefore: _a, ...visible } = header;
      pass.frames.push({ ...visible, payload });
      pass.bytes += header.payloadBytes;
      return true;
    }
    if (!(await file.isLive())) {
      await this.#index.forget(file.header.sequence);
      return false;
    }
    this.logger.error('a frame of the journal is damaged; its items count as dropped (corrupt)', { file: file.path, position: header.position, items: header.items });
    tally.corruptPayload(header);
    return true;
  }

  /** Goes to the next whole frame; false when the segment was recycled meanwhile. */
  async #skipDamage(file: SegmentFile, end: number, pass: Pass, tally: LossTally): Promise<boolean> {
    const to = await findFrame(file, pass.at + FRAME_ALIGN, end);
    if (!(await file.isLive())) {
      await this.#index.forget(file.header.sequence);
      return false;
    }
    this.logger.error('the journal holds unreadable bytes; what they held counts as dropped (corrupt)', { file: file.path, from: pass.at, to });
    tally.gap('corrupt');
    pass.at = to;
    return true;
  }

  #takeTally(position: number): LossTally | null {
    const tally = this.#tallies.get(position) ?? null;
    this.#tallies.delete(position);
    return tally;
  }

  #keepTally(position: number, tally: LossTally): void {
    this.#tallies.set(position, tally);
    if (this.#tallies.size > 16) this.#tallies.delete(this.#tallies.keys().next().value!);
  }
}

/** How far a read has come. */
interface Pass {
  at: number;
  readonly frames: Frame[];
  bytes: number;
  done: boolean;
}

/** How much is read at once from where a read has come to. */
function aheadBytes({ at, bytes }: Pass, { maxBytes, aheadTo = Infinity }: ReadOptions): number {
  const wantedBytes = clamp(maxBytes - bytes, MIN_CHUNK_BYTES, MAX_CHUNK_BYTES);
  return at < aheadTo ? Math.min(wantedBytes, aheadTo - at) : wantedBytes;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
