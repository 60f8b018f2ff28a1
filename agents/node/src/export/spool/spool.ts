import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JournalError } from '@signalbox/journal/errors';
import { DirectoryLock } from '@signalbox/journal/lock';
import { makeDirectory } from '@signalbox/journal/make-directory';
import type { Signal } from '@signalbox/signals/model/signal';
import { SIGNALS } from '@signalbox/signals/model/signal';
import type { Batch } from '../batch.js';
import type { Backlog, WaitingBatch } from '../sending/send-queue.js';
import { SpoolFolder } from './spool-folder.js';

export interface SpoolOptions {
  /** Of one application; each of its processes takes a folder of its own there. */
  readonly dir: string;
  /** Of each process; when it is full, the oldest batches go. */
  readonly maxBytes: number;
  /** What has waited longer is not sent any more. */
  readonly maxAgeMs: number;
  /** Items that are lost, with why. */
  readonly lost: (signal: Signal, items: number, reason: SpoolLoss) => void;
}

/** `evicted`: the spool was full. `expired`: they waited too long. `corrupt`: the disk does not hold them any more. */
export type SpoolLoss = 'evicted' | 'expired' | 'corrupt';

/** Processes of one application on one machine. */
const MAX_FOLDERS = 256;
/** Another process may be taking over what a third one left. */
const LOCK_TIMEOUT_MS = 20_000;
const LOCK_POLL_MS = 50;

/**
 * Batches on disk that could not be sent. Its folder is made with the first batch, or found from an earlier process that
 * ended with something in it; what processes left behind that have no successor is taken over.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #opened: Promise<SpoolFolder> | null = null;
  #searched: Promise<void> | null = null;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** What waits of one signal. Its promises reject with what the disk says. */
  of(signal: Signal): Backlog<Batch> {
    return {
      keep: async (batch) => (await this.#open()).keep(batch),
      oldest: async () => this.#oldest(signal),
    };
  }

  async close(): Promise<void> {
    if (this.#opened !== null) await (await this.#opened).close();
  }

  async #oldest(signal: Signal): Promise<WaitingBatch<Batch> | null> {
    await (this.#searched ??= this.#search().catch((error: unknown) => {
      this.#searched = null;
      throw error;
    }));
    const folder = await this.#opened;
    return folder === null ? null : folder.oldest(signal);
  }

  #open(): Promise<SpoolFolder> {
    this.#opened ??= this.#underLock(() => this.#openFree()).catch((error: unknown) => {
      // A disk that cannot be written today may be mended tomorrow.
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  /** Opens what earlier processes left, if they left anything. */
  async #search(): Promise<void> {
    const left = await foldersIn(this.#options.dir);
    if (left.length === 0) return;
    const own = await this.#open();
    await this.#underLock(async (beat) => {
      for (const folder of left) if (this.#path(folder) !== own.dir) await this.#takeOver(this.#path(folder), own, beat);
    });
  }

  async #openFree(): Promise<SpoolFolder> {
    for (let folder = 0; folder < MAX_FOLDERS; folder++) {
      const opened = await this.#openFolder(this.#path(folder));
      if (opened !== null) return opened;
    }
    throw new Error(`all ${MAX_FOLDERS} folders in ${this.#options.dir} are in use`);
  }

  /** Null where another process has it. */
  async #openFolder(dir: string): Promise<SpoolFolder | null> {
    try {
      return await SpoolFolder.open(dir, this.#options);
    } catch (error) {
      if (error instanceof JournalError && error.code === 'SBX_JOURNAL_IN_USE') return null;
      throw error;
    }
  }

  async #takeOver(dir: string, own: SpoolFolder, beat: () => void): Promise<void> {
    const left = await this.#openFolder(dir);
    if (left === null) return;
    try {
      for (const signal of SIGNALS) {
        for (let waiting = await left.oldest(signal); waiting !== null; waiting = await left.oldest(signal)) {
          await own.keep(waiting.batch, waiting.keptMs);
          await waiting.settle(true);
          beat();
        }
      }
    } finally {
      await left.close();
    }
    await rm(dir, { recursive: true, force: true });
  }

  /** Folders are opened and removed by one process at a time. */
  async #underLock<T>(work: (beat: () => void) => Promise<T>): Promise<T> {
    makeDirectory(this.#options.dir, 0o700);
    const lock = await lockWithin(this.#options.dir, LOCK_TIMEOUT_MS);
    try {
      return await work(() => void lock.beat());
    } finally {
      lock.release();
    }
  }

  #path(folder: number): string {
    return join(this.#options.dir, String(folder));
  }
}

async function lockWithin(dir: string, timeoutMs: number): Promise<DirectoryLock> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await DirectoryLock.acquire(dir);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'SBX_JOURNAL_IN_USE' || performance.now() > until) throw error;
      await sleep(LOCK_POLL_MS);
    }
  }
}

async function foldersIn(dir: string): Promise<number[]> {
  try {
    return (await readdir(dir)).filter((name) => /^\d{1,3}$/.test(name)).map(Number).filter((folder) => folder < MAX_FOLDERS).sort((a, b) => a - b);
  } catch {
    return [];
  }
}
