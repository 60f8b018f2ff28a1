import type { TailedFile } from './tailed-file.js';
import type { UnreadableFiles } from './unreadable-files.js';

/** Parts of one file before the next file has its turn. */
const STEPS_IN_TURN = 8;
/** A file that is gone stays open until nothing was written to it for so long. */
const GONE_AFTER_MS = 10_000;

export interface ReadFilesOptions {
  /** Most files that are open at a time; those that are gone stay open beside them. */
  readonly maxOpen: number;
  readonly nowMs: () => number;
  readonly unreadable: UnreadableFiles;
  readonly signal: AbortSignal;
}

/** The files that are read: by turns, as long as there is something in them, and not too many of them open. */
export class ReadFiles {
  readonly #options: ReadFilesOptions;
  /** By the ids of their lives. */
  readonly #files = new Map<string, TailedFile>();
  /** Those in which there may be something to read. */
  readonly #awake = new Set<TailedFile>();

  constructor(options: ReadFilesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#files.size;
  }

  get open(): number {
    let open = 0;
    for (const file of this.#files.values()) if (file.isOpen) open++;
    return open;
  }

  has(life: string): boolean {
    return this.#files.has(life);
  }

  all(): readonly TailedFile[] {
    return [...this.#files.values()];
  }

  add(file: TailedFile): void {
    this.#files.set(file.life.id, file);
  }

  /** There may be something to read up to `size`. */
  wake(file: TailedFile, size: number): void {
    if (size !== file.size) file.grownAtMs = this.#options.nowMs();
    file.size = size;
    this.#awake.add(file);
  }

  /** It is not found any more: what it still has is read. */
  gone(file: TailedFile): void {
    file.isGone = true;
    file.goneAtMs = this.#options.nowMs();
    this.#awake.add(file);
  }

  /** It is not read any more; its place is remembered for a while. */
  async forget(file: TailedFile): Promise<void> {
    this.#files.delete(file.life.id);
    this.#awake.delete(file);
    await file.close();
  }

  /** Reads what is there, files by turns, until nothing is left. */
  async readAll(): Promise<void> {
    const { maxOpen, signal, unreadable } = this.#options;
    const turn = new Set(this.#awake);
    while (turn.size > 0 && !signal.aborted) {
      for (const file of turn) {
        let more = true;
        try {
          for (let i = 0; i < STEPS_IN_TURN && more && !signal.aborted; i++) more = await file.step();
        } catch (error) {
          more = false;
          unreadable.add(file.life.path, error);
          await file.close();
        }
        if (more) continue;
        turn.delete(file);
        // What is left without a newline is looked at again until it is a record.
        if (file.next >= file.known && !file.isGone) this.#awake.delete(file);
        if (this.open > maxOpen) await this.#closeOldest();
      }
      if (turn.size > 0) await this.#closeOldest();
    }
    for (const file of this.all()) if (file.isGone) await this.#finishGone(file);
  }

  async closeIdle(): Promise<void> {
    await this.#closeOldest();
    for (const file of this.all()) if (file.isGzip && file.isOpen && !this.#awake.has(file)) await file.close();
  }

  async closeAll(): Promise<void> {
    for (const file of this.all()) await file.close();
    this.#files.clear();
  }

  async #finishGone(file: TailedFile): Promise<void> {
    const quietSince = Math.max(file.goneAtMs, file.readAtMs);
    if (this.#options.nowMs() - quietSince > GONE_AFTER_MS) await this.forget(file);
  }

  async #closeOldest(): Promise<void> {
    const open = this.all().filter((file) => file.isOpen && !file.isGone).sort((a, b) => a.readAtMs - b.readAtMs);
    for (let i = 0; i < open.length - this.#options.maxOpen; i++) await open[i]!.close();
  }
}
