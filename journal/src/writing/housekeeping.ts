import { JournalError } from '../errors.js';
import type { DirectoryLock } from '../lock.js';
import { expendable, slowestCursor } from './retention.js';
import type { SegmentPool } from './segment-pool.js';
import type { SealedSegment, SegmentWriter } from './segment-writer.js';
import type { ResolvedSettings } from './settings.js';

/** What goes on beside the appends: free space, retention, the next segment, the lock's heartbeat. */
export class Housekeeping {
  /** Oldest first. */
  readonly #sealed: SealedSegment[] = [];
  #writer: SegmentWriter | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #freeShare = 1;
  #lowSpace: JournalError | null = null;
  #takenOver: JournalError | null = null;

  constructor(private readonly settings: ResolvedSettings, private readonly lock: DirectoryLock, private readonly pool: SegmentPool) {}

  get freeShare(): number {
    return this.#freeShare;
  }

  /** Why appends are refused, or null. */
  get refusal(): JournalError | null {
    return this.#takenOver ?? this.#lowSpace;
  }

  /** Another process has the directory: nothing may be written any more. */
  get takenOver(): JournalError | null {
    return this.#takenOver;
  }

  segments(): { segments: number; bytes: number; oldest: number } {
    return { segments: this.#sealed.length + 1, bytes: this.#otherBytes() + this.pool.spareBytes + this.#sealed.reduce((sum, each) => sum + each.fileBytes, 0), oldest: this.#sealed[0]?.base ?? this.#writer?.base ?? 0 };
  }

  async start(writer: SegmentWriter, sealed: readonly SealedSegment[]): Promise<void> {
    this.#writer = writer;
    this.#sealed.unshift(...sealed);
    await this.#lookAtSpace();
    this.#timer = setInterval(() => this.#run(), this.settings.housekeepingMs);
    this.#timer.unref();
    this.#run();
  }

  sealed(segment: SealedSegment): void {
    this.#sealed.push(segment);
    this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
    await this.pool.close();
  }

  /** One pass at a time; a call meanwhile asks for another. */
  #run(): void {
    this.#again = true;
    if (this.#stopped) return;
    this.#running ??= this.#passes();
  }

  async #passes(): Promise<void> {
    await Promise.resolve(); // #running is set
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        this.#beat();
        await this.#lookAtSpace();
        await this.#retain();
      } catch (error) {
        this.settings.logger.warn('the journal\'s housekeeping failed; it is tried again', { error: String(error) });
      }
    }
    this.#running = null;
  }

  #beat(): void {
    if (this.lock.beat()) return;
    this.#takenOver = new JournalError('SBX_JOURNAL_IN_USE', `the journal in ${this.settings.dir} was taken over by another process while this one stood still: restart this process, with a directory of its own`);
  }

  async #lookAtSpace(): Promise<void> {
    const { dir, disk, minFreeShare, logger } = this.settings;
    try {
      this.#freeShare = await disk.freeShare(dir);
    } catch (error) {
      logger.warn('the free space of the journal\'s disk could not be found out', { error: String(error) });
      return;
    }
    const low = this.#freeShare < minFreeShare;
    if (low === (this.#lowSpace !== null)) return;
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    this.#lowSpace = !low ? null : new JournalError('SBX_JOURNAL_FULL', `the disk of ${dir} has ${percent(this.#freeShare)} free, the journal appends only above ${percent(minFreeShare)}: free space, lower store.retention or journal.max_bytes, or lower journal.min_free_share; the sender may retry`);
    if (this.#lowSpace !== null) logger.error(this.#lowSpace.message, { code: this.#lowSpace.code });
    else logger.info('the journal\'s disk has enough free space again; appends go on', { freeShare: this.#freeShare });
  }

  async #retain(): Promise<void> {
    const { dir, maxBytes, logger } = this.settings;
    if (this.#takenOver !== null || this.#writer === null) return;
    if (this.#sealed.length > 0) {
      const slowest = await slowestCursor(dir, logger);
      const { settled, evicted } = expendable(this.#sealed, this.#otherBytes(), maxBytes, slowest);
      if (evicted > 0 && slowest !== null) logger.warn('the journal reached its maxBytes: the oldest segments go although a reader still needs them; it will count them as dropped (evicted)', { segments: evicted, slowest });
      for (let left = settled + evicted; left > 0; left--) {
        const oldest = this.#sealed.shift()!;
        try {
          await this.pool.recycle(oldest.sequence);
        } catch (error) {
          this.#sealed.unshift(oldest);
          throw error;
        }
      }
    }
    if (this.#again || this.#stopped || !this.#writer.begun) return; // the pass asked for may free one more file for the next segment
    if (this.#lowSpace === null) this.pool.prepare(this.#writer.sequence + 1); // takes a spare at once
    while (this.pool.spareBytes > 0 && (this.#lowSpace !== null || this.segments().bytes > maxBytes)) await this.pool.dropSpare();
    await this.pool.shrink();
  }

  /** The segment being written and the one made ready. */
  #otherBytes(): number {
    return (this.#writer?.fileBytes ?? 0) + this.settings.segmentBytes;
  }
}
