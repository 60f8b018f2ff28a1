import * as fs from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from '../errors.js';
import { syncDirectory } from '../storage/disk.js';
import type { Disk } from '../storage/disk.js';
import { segmentPath } from '../storage/layout.js';
import type { JournalLogger } from '../log.js';
import { ZeroFill } from './zero-fill.js';

const SPARE_SUFFIX = '.spare';
/** So long files are kept for reuse after the last segment was begun. */
const IDLE_MS = 30_000;

/** A file to write a segment into: in place under its name, the name durable, its header not yet valid. */
export interface FreshSegment {
  readonly sequence: number;
  readonly handle: FileHandle;
  /** As far as it is meant to be written; a file not filled so far grows. */
  readonly fileBytes: number;
}

/**
 * Makes the next segment ready ahead of time, so that the writer only overwrites blocks that exist: a sync then has no
 * metadata to write. Takes a recycled file where there is one, else fills a new one with zeros in slices.
 */
export class SegmentPool {
  #next: { readonly sequence: number; readonly made: Promise<FreshSegment>; readonly stop: AbortController } | null = null;
  /** Paths of files to reuse. */
  readonly #spares: string[] = [];
  readonly #zeros: ZeroFill;
  #tookAtMs = performance.now();
  /** Highest sequence given out: it must not be made ready once more. */
  #taken = -1;
  /** The last segment could not be made ready. */
  #inTrouble = false;

  constructor(readonly dir: string, readonly segmentBytes: number, readonly maxSpares: number, disk: Disk, readonly logger: JournalLogger) {
    this.#zeros = new ZeroFill(disk);
  }

  /** Bytes of the files kept for reuse. */
  get spareBytes(): number {
    return this.#spares.length * this.segmentBytes;
  }

  /** Takes over what an earlier process kept for reuse. */
  async adoptSpares(): Promise<void> {
    for (const name of await fs.readdir(this.dir)) {
      if (name.endsWith(SPARE_SUFFIX)) await this.#keepOrRemove(join(this.dir, name));
    }
  }

  /** Gives the pool a segment's file that no reader needs. From here on it is not found under its old name. */
  async recycle(sequence: number): Promise<void> {
    const path = segmentPath(this.dir, sequence);
    await fs.rename(path, path + SPARE_SUFFIX);
    await this.#keepOrRemove(path + SPARE_SUFFIX);
  }

  /** Gives space back to the disk: one of the files kept for reuse. */
  async dropSpare(): Promise<void> {
    const path = this.#spares.pop();
    if (path !== undefined) await fs.rm(path, { force: true });
  }

  /** Gives back, one at a time, what was not needed for a while. */
  async shrink(): Promise<void> {
    if (performance.now() - this.#tookAtMs > IDLE_MS) await this.dropSpare();
  }

  /** Begins to make the segment ready in the background. */
  prepare(sequence: number): void {
    if (this.#next !== null || sequence <= this.#taken) return;
    const stop = new AbortController();
    const made = this.#make(sequence, this.segmentBytes, stop.signal);
    made.catch((error: unknown) => {
      if (this.#next?.made === made) this.#next = null;
      this.#tellTrouble(error, sequence);
    });
    made.then(() => this.#tellRelief(), () => undefined);
    this.#next = { sequence, made, stop };
  }

  /** The file for a segment, at once: where it is not quite filled yet, the filling ends and the writer extends it. */
  async take(sequence: number): Promise<FreshSegment> {
    if (this.#next === null || this.#next.sequence !== sequence) {
      await this.#discardNext();
      this.prepare(sequence);
    }
    const { made, stop } = this.#next!;
    stop.abort();
    this.#next = null;
    this.#tookAtMs = performance.now();
    const before = this.#taken;
    this.#taken = sequence;
    return made.catch((error: unknown) => {
      this.#taken = before;
      throw error;
    });
  }

  /** A small segment, all filled, for the first one of a journal: there was no time to make one ready. */
  async takeSmall(sequence: number, fileBytes: number): Promise<FreshSegment> {
    this.#taken = sequence;
    return this.#make(sequence, Math.min(fileBytes, this.segmentBytes), new AbortController().signal);
  }

  async close(): Promise<void> {
    await this.#discardNext();
  }

  /** It is tried again every second, and told once. */
  #tellTrouble(error: unknown, sequence: number): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    const { code, message } = writeError(error, this.dir);
    this.logger.warn(`the next segment of the journal cannot be made ready ahead of time, which is tried again: ${message}`, { code, sequence });
  }

  #tellRelief(): void {
    if (!this.#inTrouble) return;
    this.#inTrouble = false;
    this.logger.info('the next segment of the journal was made ready again', {});
  }

  async #keepOrRemove(path: string): Promise<void> {
    const { size } = await fs.stat(path);
    const fits = size >= this.segmentBytes / 2 && size <= 2 * this.segmentBytes;
    if (fits && this.#spares.length < this.maxSpares) this.#spares.push(path);
    else await fs.rm(path, { force: true });
  }

  async #discardNext(): Promise<void> {
    const next = this.#next;
    this.#next = null;
    next?.stop.abort();
    const fresh = await next?.made.catch(() => null);
    await fresh?.handle.close();
  }

  async #make(sequence: number, fileBytes: number, stop: AbortSignal): Promise<FreshSegment> {
    const path = segmentPath(this.dir, sequence);
    const spare = this.#spares.pop();
    if (spare !== undefined) await fs.rename(spare, path);
    const handle = await fs.open(path, 'a+').then((made) => made.close()).then(() => fs.open(path, 'r+'));
    try {
      await syncDirectory(this.dir);
      await this.#zeros.fill(path, handle, fileBytes, stop);
      return { sequence, handle, fileBytes };
    } catch (error) {
      await handle.close();
      await fs.rm(path, { force: true }); // a full disk needs the room
      throw error;
    }
  }
}
