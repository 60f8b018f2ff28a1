import { readSnapshot, snapshotPath, writeSnapshot } from '../derive/snapshot-file.js';

const KEEP_EVERY_MS = 10_000;

interface Meta {
  readonly journal: string;
  readonly decisionsFrom: number;
}

export interface DecisionMemoryOptions {
  readonly dataDir: string;
  /** The reader's name. */
  readonly reader: string;
  readonly journalId: string;
  /** So many decisions are remembered. */
  readonly decisions: number;
}

/**
 * Where in the journal the decisions begin that are still remembered for late spans. They are read again from there after a restart, as
 * far as the journal has them; without the file only those behind the cursor are.
 */
export class DecisionMemory {
  readonly #options: DecisionMemoryOptions;
  /** The oldest first. */
  readonly #places: { readonly position: number; readonly count: number }[] = [];
  #count = 0;
  #keptMs = -Infinity;
  #kept = -1;

  constructor(options: DecisionMemoryOptions) {
    this.#options = options;
  }

  /** So many decisions were appended behind a position. */
  add(position: number, count: number): void {
    this.#places.push({ position, count });
    this.#count += count;
    while (this.#places.length > 1 && this.#count - this.#places[0]!.count >= this.#options.decisions) this.#count -= this.#places.shift()!.count;
  }

  /** Where to read from, for a cursor at `position`. */
  async read(position: number): Promise<number> {
    const snapshot = await readSnapshot<Meta>(snapshotPath(this.#options.dataDir, this.#options.reader));
    if (snapshot === null || snapshot === 'damaged' || snapshot.meta.journal !== this.#options.journalId) return position;
    const decisionsFrom = Math.min(position, snapshot.meta.decisionsFrom);
    this.#places.unshift({ position: decisionsFrom, count: 0 });
    return decisionsFrom;
  }

  async keepNowAndThen(nowMs: number): Promise<void> {
    if (nowMs - this.#keptMs < KEEP_EVERY_MS) return;
    this.#keptMs = nowMs;
    await this.keep();
  }

  async keep(): Promise<void> {
    const [oldest] = this.#places;
    if (!oldest || oldest.position === this.#kept) return;
    const { dataDir, reader, journalId } = this.#options;
    const meta: Meta = { journal: journalId, decisionsFrom: oldest.position };
    await writeSnapshot(snapshotPath(dataDir, reader), { meta, parts: [] });
    this.#kept = oldest.position;
  }
}
