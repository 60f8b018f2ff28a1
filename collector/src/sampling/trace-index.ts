import type { TraceKey } from './trace-key.js';

const WORDS = 5;
const FIRST_ENTRIES = 256;

/**
 * Finds entries by trace id. The entries are numbers of the owner's, from 0 on, by which it keeps the rest in arrays; what is here are the
 * ids, and a table with open addressing (linear probing, half empty at least) in which each entry stands at the first free place from its
 * hash on.
 */
export class TraceIndex {
  /** By entry: tenant and id. */
  #keys = new Int32Array(WORDS * FIRST_ENTRIES);
  #hashes = new Int32Array(FIRST_ENTRIES);
  /** Entry + 1; 0 where there is none. */
  #places = new Int32Array(2 * FIRST_ENTRIES);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** -1 where there is none. */
  find(key: TraceKey): number {
    const places = this.#places;
    const keys = this.#keys;
    const mask = places.length - 1;
    for (let place = key.hash & mask; ; place = (place + 1) & mask) {
      const entry = places[place] - 1;
      if (entry < 0) return -1;
      const at = entry * WORDS;
      if (keys[at + 1] === key.a && keys[at + 2] === key.b && keys[at + 3] === key.c && keys[at + 4] === key.d && keys[at] === key.tenant) return entry;
    }
  }

  /** The key is not in it. */
  add(key: TraceKey, entry: number): void {
    this.#size++;
    this.#makeRoom(entry);
    const at = entry * WORDS;
    const keys = this.#keys;
    keys[at] = key.tenant;
    keys[at + 1] = key.a;
    keys[at + 2] = key.b;
    keys[at + 3] = key.c;
    keys[at + 4] = key.d;
    this.#hashes[entry] = key.hash;
    this.#place(entry);
  }

  /** Takes an entry out that is in it. */
  remove(entry: number): void {
    this.#size--;
    const places = this.#places;
    const hashes = this.#hashes;
    const mask = places.length - 1;
    let gap = this.#placeOf(entry);
    places[gap] = 0;
    // What was put behind for want of a free place moves up, so that the way to it has no gap.
    for (let place = (gap + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const home = hashes[places[place] - 1] & mask;
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      places[gap] = places[place];
      places[place] = 0;
      gap = place;
    }
  }

  /** Has another entry stand for the key of one that is in it. */
  replace(entry: number, by: number): void {
    const place = this.#placeOf(entry);
    this.#makeRoom(by);
    this.#keys.copyWithin(by * WORDS, entry * WORDS, (entry + 1) * WORDS);
    this.#hashes[by] = this.#hashes[entry];
    this.#places[place] = by + 1;
  }

  clear(): void {
    this.#places.fill(0);
    this.#size = 0;
  }

  /** Has the key name what an entry stands for. */
  load(entry: number, key: TraceKey): void {
    const keys = this.#keys;
    const at = entry * WORDS;
    key.set(keys[at], keys[at + 1], keys[at + 2], keys[at + 3], keys[at + 4], this.#hashes[entry]);
  }

  /** Number that the key of an entry had for its tenant. */
  tenantOf(entry: number): number {
    return this.#keys[entry * WORDS];
  }

  /** Writes the 16 bytes of an entry's id. */
  writeId(entry: number, to: Buffer, at: number): void {
    for (let word = 1; word < WORDS; word++) to.writeInt32LE(this.#keys[entry * WORDS + word], at + 4 * (word - 1));
  }

  #placeOf(entry: number): number {
    const mask = this.#places.length - 1;
    let place = this.#hashes[entry] & mask;
    while (this.#places[place] !== entry + 1) place = (place + 1) & mask;
    return place;
  }

  #place(entry: number): void {
    const mask = this.#places.length - 1;
    let place = this.#hashes[entry] & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = entry + 1;
  }

  #makeRoom(entry: number): void {
    if (entry >= this.#hashes.length) {
      const entries = Math.max(entry + 1, 2 * this.#hashes.length);
      this.#keys = copied(new Int32Array(WORDS * entries), this.#keys);
      this.#hashes = copied(new Int32Array(entries), this.#hashes);
    }
    if (2 * this.#size <= this.#places.length) return;
    const before = this.#places;
    this.#places = new Int32Array(2 * before.length);
    for (const each of before) if (each !== 0) this.#place(each - 1);
  }
}

function copied(to: Int32Array<ArrayBuffer>, from: Int32Array): Int32Array<ArrayBuffer> {
  to.set(from);
  return to;
}
