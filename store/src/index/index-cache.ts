import { pathsOf, type StoredFile } from '../files/stored-file.js';
import type { NamesJson } from '../hot/names.js';
import { IndexReader } from './index-reader.js';

interface Entry {
  readonly reader: Promise<IndexReader>;
  names: Promise<NamesJson> | null;
  users: number;
  evicted: boolean;
}

/** Open files at most. */
const MAX_OPEN = 256;

/** Opened indexes, the least recently used ones closed first. */
export class IndexCache {
  private readonly entries = new Map<number, Entry>();

  constructor(private readonly dir: string) {}

  /** @throws IndexDamaged */
  async use<T>(file: StoredFile, work: (reader: IndexReader) => Promise<T>): Promise<T> {
    const entry = this.entry(file);
    entry.users++;
    try {
      return await work(await entry.reader);
    } catch (error) {
      this.evict(file.number, entry);
      throw error;
    } finally {
      entry.users--;
      if (entry.evicted) this.closeUnused(entry);
    }
  }

  /** Names of a file, read once. @throws IndexDamaged */
  async names(file: StoredFile): Promise<NamesJson> {
    return this.use(file, (reader) => (this.entry(file).names ??= reader.names()));
  }

  /** The file is going to be deleted. */
  forget(number: number): void {
    const entry = this.entries.get(number);
    if (entry) this.evict(number, entry);
  }

  async close(): Promise<void> {
    const readers = [...this.entries.values()].map((entry) => entry.reader);
    this.entries.clear();
    for (const reader of readers) await reader.then((opened) => opened.close(), () => undefined);
  }

  private entry(file: StoredFile): Entry {
    const known = this.entries.get(file.number);
    if (known) {
      this.entries.delete(file.number);
      this.entries.set(file.number, known);
      return known;
    }
    const entry: Entry = { reader: IndexReader.open(pathsOf(this.dir, file).index), names: null, users: 0, evicted: false };
    entry.reader.catch(() => undefined);
    this.entries.set(file.number, entry);
    if (this.entries.size > MAX_OPEN) {
      const [oldest] = this.entries;
      if (oldest) this.evict(oldest[0], oldest[1]);
    }
    return entry;
  }

  private evict(number: number, entry: Entry): void {
    if (this.entries.get(number) === entry) this.entries.delete(number);
    entry.evicted = true;
    this.closeUnused(entry);
  }

  private closeUnused(entry: Entry): void {
    if (entry.users === 0) void entry.reader.then((opened) => opened.close(), () => undefined);
  }
}
