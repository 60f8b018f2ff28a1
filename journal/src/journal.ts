import { BatchMemory, batchKey } from './writing/batch-memory.js';
import { JournalError, openError, writeError } from './errors.js';
import type { FrameInput } from './frame.js';
import { Housekeeping } from './writing/housekeeping.js';
import { readIdentityFile, writeIdentity } from './storage/identity.js';
import type { Identity } from './storage/identity.js';
import { DirectoryLock } from './lock.js';
import { makeDirectory } from './make-directory.js';
import { pendingFrame } from './writing/pending-frame.js';
import type { PendingFrame } from './writing/pending-frame.js';
import { PositionReader, PositionWriter } from './storage/position-file.js';
import { beginOrResume } from './recovery/opening.js';
import { FORMAT_VERSION } from './segments/segment-header.js';
import { SegmentPool } from './writing/segment-pool.js';
import type { SegmentWriter } from './writing/segment-writer.js';
import { resolveSettings } from './writing/settings.js';
import type { JournalSettings, ResolvedSettings } from './writing/settings.js';

export type { JournalSettings } from './writing/settings.js';

export interface Appended {
  /** Of the frame on disk: the one appended now, or the earlier one of the same batch. */
  readonly position: number;
  /** The batch id was known: nothing was appended. */
  readonly duplicate: boolean;
}

export interface JournalStats {
  /** Position behind the last frame on disk, and of the first that is still there. */
  readonly durable: number;
  readonly oldest: number;
  readonly segments: number;
  /** On disk, the segment made ready included. */
  readonly bytes: number;
  readonly tenants: number;
  /** Since open. */
  readonly appendedFrames: number;
  readonly appendedItems: number;
  readonly appendedBytes: number;
  readonly duplicateFrames: number;
  readonly refusedFrames: number;
  readonly failedFrames: number;
  readonly syncs: number;
  /** Frames and bytes that wait for a batch. */
  readonly waitingFrames: number;
  readonly waitingBytes: number;
  /** 0 to 1, as last looked at. */
  readonly freeShare: number;
  /** Appends are refused for want of free space. */
  readonly full: boolean;
}

interface Waiting {
  readonly frame: PendingFrame;
  readonly batchId: string;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** The writer of a directory: appends frames durably, a batch forming while the sync before it runs. */
export class Journal {
  readonly #queue: Waiting[] = [];
  /** Batches that are being appended, so that a retry meanwhile shares their outcome. */
  readonly #inFlight = new Map<string, Promise<Appended>>();
  readonly #tenants: Set<string>;
  #waitingBytes = 0;
  #writing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #frames = 0;
  #items = 0;
  #bytes = 0;
  #duplicates = 0;
  #refused = 0;
  #failed = 0;
  #syncs = 0;

  private constructor(
    /** Uuid of this log; with position and ordinal it names an item. */
    readonly id: string,
    private readonly settings: ResolvedSettings,
    private readonly lock: DirectoryLock,
    private readonly writer: SegmentWriter,
    private readonly memory: BatchMemory,
    private readonly position: PositionWriter,
    private readonly housekeeping: Housekeeping,
  ) {
    this.#tenants = new Set(writer.accepted.tenants());
  }

  /** @throws JournalError SBX_JOURNAL_IN_USE, _NOT_WRITABLE, _NEWER, _SETTINGS */
  static async open(given: JournalSettings): Promise<Journal> {
    const settings = resolveSettings(given);
    const { dir } = settings;
    let lock: DirectoryLock | null = null;
    try {
      makeDirectory(dir);
      const known = await readIdentityFile(dir); // refuses a newer format before anything is touched
      lock = await DirectoryLock.acquire(dir);
      return await Journal.#openLocked(settings, lock, known);
    } catch (error) {
      lock?.release();
      throw openError(error, dir);
    }
  }

  static async #openLocked(settings: ResolvedSettings, lock: DirectoryLock, known: Identity | null): Promise<Journal> {
    const { dir, logger, disk, segmentBytes } = settings;
    const published = new PositionReader(dir);
    const publishedPosition = published.read();
    published.close();
    const memory = new BatchMemory(settings.batchMemory.maxEntries, BigInt(settings.batchMemory.maxAgeMs) * 1_000_000n);
    const pool = new SegmentPool(dir, segmentBytes, Math.max(1, Math.floor(settings.maxBytes / 8 / segmentBytes)), disk, logger);
    await pool.adoptSpares();
    const housekeeping = new Housekeeping(settings, lock, pool);
    const { writer, sealed, id } = await beginOrResume(settings, publishedPosition, memory, pool, (each) => housekeeping.sealed(each), known?.id ?? null);
    if (known?.id !== id || known.version < FORMAT_VERSION) await writeIdentity(dir, id); // an older program refuses from here on
    const position = new PositionWriter(dir);
    position.write({ durable: writer.end, sequence: writer.sequence, clean: false });
    await housekeeping.start(writer, sealed);
    return new Journal(id, settings, lock, writer, memory, position, housekeeping);
  }

  /** Position behind the last frame on disk. */
  get durable(): number {
    return this.writer.end;
  }

  /**
   * Settles once the frame is on disk.
   * @throws JournalError SBX_JOURNAL_FULL, _WRITE_FAILED (nothing was appended, try again), _FRAME_INVALID, _TENANTS, _CLOSED
   */
  append(input: FrameInput): Promise<Appended> {
    try {
      const frame = this.#admit(input);
      const batchId = input.batchId ?? '';
      if (batchId === '') return this.#enqueue(frame, batchId);
      const earlier = this.memory.find(input.tenant, batchId, this.settings.nowNs());
      if (earlier !== null) {
        this.#duplicates++;
        return Promise.resolve({ position: earlier, duplicate: true });
      }
      return this.#appendOnce(frame, batchId);
    } catch (error) {
      this.#refused++;
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  stats(): JournalStats {
    return {
      durable: this.writer.end,
      ...this.housekeeping.segments(),
      tenants: this.#tenants.size,
      appendedFrames: this.#frames,
      appendedItems: this.#items,
      appendedBytes: this.#bytes,
      duplicateFrames: this.#duplicates,
      refusedFrames: this.#refused,
      failedFrames: this.#failed,
      syncs: this.#syncs,
      waitingFrames: this.#queue.length,
      waitingBytes: this.#waitingBytes,
      freeShare: this.housekeeping.freeShare,
      full: this.housekeeping.refusal !== null,
    };
  }

  /** Writes what was handed in, then lets the directory go. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #admit(input: FrameInput): PendingFrame {
    if (this.#closing !== null) throw new JournalError('SBX_JOURNAL_CLOSED', 'the journal is closed');
    if (this.housekeeping.refusal !== null) throw this.housekeeping.refusal;
    const frame = pendingFrame(input, this.settings.segmentBytes);
    if (!this.#tenants.has(input.tenant)) {
      if (this.#tenants.size >= this.settings.maxTenants) {
        throw new JournalError('SBX_JOURNAL_TENANTS', `the tenant ${JSON.stringify(input.tenant)} would be one more than the ${this.settings.maxTenants} that the journal allows: check that the sender's tenant is right, or raise journal.max_tenants`);
      }
      this.#tenants.add(input.tenant);
    }
    return frame;
  }

  #appendOnce(frame: PendingFrame, batchId: string): Promise<Appended> {
    const key = batchKey(frame.tenantName, batchId);
    const running = this.#inFlight.get(key);
    if (running !== undefined) {
      this.#duplicates++;
      return running.then(({ position }) => ({ position, duplicate: true }));
    }
    const appended = this.#enqueue(frame, batchId);
    this.#inFlight.set(key, appended);
    const forget = (): void => void this.#inFlight.delete(key);
    appended.then(forget, forget);
    return appended;
  }

  #enqueue(frame: PendingFrame, batchId: string): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ frame, batchId, resolve, reject });
      this.#waitingBytes += frame.frameBytes;
      this.#writing ??= new Promise((done) => setImmediate(() => void this.#drain().then(done))); // what arrives in this turn joins
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) await this.#commit(this.#nextBatch());
    this.#writing = null;
  }

  /** As many as fit into the current segment, or into a new one when not even the first fits. */
  #nextBatch(): Waiting[] {
    const { segmentBytes, maxBatchBytes } = this.settings;
    const room = this.writer.room >= this.#queue[0]!.frame.frameBytes ? this.writer.room : segmentBytes / 2;
    const limit = Math.min(room, maxBatchBytes);
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || bytes + this.#queue[count]!.frame.frameBytes <= limit)) bytes += this.#queue[count++]!.frame.frameBytes;
    this.#waitingBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const bytes = batch.reduce((sum, { frame }) => sum + frame.frameBytes, 0);
    try {
      if (this.housekeeping.takenOver !== null) throw this.housekeeping.takenOver;
      await this.writer.write(batch.map(({ frame }) => frame));
      this.#syncs++;
      this.position.write({ durable: this.writer.end, sequence: this.writer.sequence, clean: false });
    } catch (error) {
      this.#failed += batch.length;
      const failure = error instanceof JournalError ? error : writeError(error, this.settings.dir);
      this.settings.logger.error(failure.message, { code: failure.code, frames: batch.length });
      for (const { reject } of batch) reject(failure);
      return;
    }
    let position = this.writer.end - bytes;
    for (const { frame, batchId, resolve } of batch) {
      if (batchId !== '') this.memory.add(frame.tenantName, batchId, position, frame.receivedNs);
      this.#frames++;
      this.#items += frame.accepted;
      resolve({ position, duplicate: false });
      position += frame.frameBytes;
    }
    this.#bytes += bytes;
  }

  async #close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.housekeeping.stop();
    if (this.housekeeping.takenOver === null) this.position.write({ durable: this.writer.end, sequence: this.writer.sequence, clean: true });
    this.position.close(true);
    await this.writer.close();
    this.lock.release();
  }
}
