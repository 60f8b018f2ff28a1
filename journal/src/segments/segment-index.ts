import { readdir } from 'node:fs/promises';
import { sequenceOf } from '../storage/layout.js';
import type { DurablePosition } from '../storage/position-file.js';
import { SegmentFile } from './segment-file.js';

const MAX_OPEN = 4;

/** Segments as a reader knows them, oldest first; a few stay open. One call at a time. */
export class SegmentIndex {
  #headers: SegmentFile['header'][] = [];
  readonly #open = new Map<number, SegmentFile>();
  #upTo = -1;

  constructor(readonly dir: string) {}

  /** Position of the oldest frame that is still there, null where no segment is readable. */
  get oldest(): number | null {
    return this.#headers[0]?.base ?? null;
  }

  /** Learns of new segments and forgets recycled ones; cheap while the writer stays in the same segment. */
  async update(published: DurablePosition, force = false): Promise<void> {
    if (!force && published.sequence === this.#upTo) return;
    const known = new Map(this.#headers.map((header) => [header.sequence, header]));
    const headers: SegmentFile['header'][] = [];
    for (const sequence of (await readdir(this.dir)).flatMap((name) => sequenceOf(name) ?? []).sort((a, b) => a - b)) {
      if (sequence > published.sequence) break; // not begun, or begun after `published` was read
      const header = known.get(sequence) ?? (await this.#load(sequence))?.header;
      if (header !== undefined) headers.push(header);
    }
    const live = new Set(headers.map((header) => header.sequence));
    for (const sequence of [...this.#open.keys()].filter((each) => !live.has(each))) await this.forget(sequence);
    this.#headers = headers;
    this.#upTo = published.sequence;
  }

  /** The segment that holds `position` and where its frames end; null when it is before all of them. */
  find(position: number, durable: number): { readonly header: SegmentFile['header']; readonly end: number } | null {
    let low = 0;
    let high = this.#headers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#headers[middle]!.base <= position) low = middle + 1;
      else high = middle;
    }
    const header = this.#headers[low - 1];
    return header === undefined ? null : { header, end: Math.min(durable, this.#headers[low]?.base ?? durable) };
  }

  /** Null when it was recycled. */
  async file(sequence: number): Promise<SegmentFile | null> {
    const open = this.#open.get(sequence);
    if (open === undefined) return this.#load(sequence);
    this.#open.delete(sequence);
    this.#open.set(sequence, open);
    return open;
  }

  /** A segment turned out to be recycled. */
  async forget(sequence: number): Promise<void> {
    this.#headers = this.#headers.filter((header) => header.sequence !== sequence);
    const file = this.#open.get(sequence);
    this.#open.delete(sequence);
    await file?.close();
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) await file.close();
    this.#open.clear();
    this.#headers = [];
    this.#upTo = -1;
  }

  async #load(sequence: number): Promise<SegmentFile | null> {
    const file = await SegmentFile.open(this.dir, sequence);
    if (file === null) return null;
    this.#open.set(sequence, file);
    for (const [oldest, open] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break;
      this.#open.delete(oldest);
      await open.close();
    }
    return file;
  }
}
