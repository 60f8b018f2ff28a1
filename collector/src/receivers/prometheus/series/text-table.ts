import { randomInt } from 'node:crypto';
import { grown } from './grow.js';

const PRIME = 0x01000193;

/**
 * Texts as bytes, numbered from 0 in the order in which they came. Strings in a Map would take several times the memory, and would
 * have to be made of each line before it could be looked up.
 */
export class TextTable {
  #arena = Buffer.allocUnsafeSlow(1024);
  #view = viewOf(this.#arena);
  /** Where each text ends in the arena; it begins where the one before it ends. */
  #ends = new Int32Array(16);
  #hashes = new Int32Array(16);
  /** Open addressing: number + 1, or 0. Twice as many as texts at least. */
  #slots = new Int32Array(64);
  #size = 0;
  /** So that nobody can tell which texts fall on the same slot. */
  readonly #seed = randomInt(2 ** 31);

  get size(): number {
    return this.#size;
  }

  /** The number of a text, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    return this.#slots[this.#slotOf(bytes, from, to, this.#hash(bytes, from, to))]! - 1;
  }

  /** The number of a text, which is given one where it has none. */
  add(bytes: Uint8Array, from = 0, to = bytes.length): number {
    const hash = this.#hash(bytes, from, to);
    const slot = this.#slotOf(bytes, from, to, hash);
    const known = this.#slots[slot]! - 1;
    if (known >= 0) return known;
    const number = this.#size++;
    const start = this.#startOf(number);
    const end = start + to - from;
    if (end > this.#arena.length) this.#grow(start, end);
    this.#arena.set(bytes.subarray(from, to), start);
    this.#ends = grown(this.#ends, this.#size);
    this.#hashes = grown(this.#hashes, this.#size);
    this.#ends[number] = end;
    this.#hashes[number] = hash;
    this.#slots[slot] = this.#size;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** The place behind the text where it stands at `at`, or -1 where it does not. Four bytes at a time: this is most of reading a scrape. */
  endOf(number: number, bytes: DataView, at: number): number {
    const arena = this.#view;
    const end = this.#ends[number]!;
    let from = this.#startOf(number);
    let place = at;
    if (place + end - from > bytes.byteLength) return -1;
    for (; from + 4 <= end; from += 4, place += 4) if (arena.getInt32(from, true) !== bytes.getInt32(place, true)) return -1;
    for (; from < end; from++, place++) if (arena.getUint8(from) !== bytes.getUint8(place)) return -1;
    return place;
  }

  /** The bytes of a text, good until the next one is added. */
  bytes(number: number): Buffer {
    return this.#arena.subarray(this.#startOf(number), this.#ends[number]);
  }

  #grow(used: number, bytes: number): void {
    const longer = Buffer.allocUnsafeSlow(Math.max(bytes, (this.#arena.length * 3) >> 1));
    longer.set(this.#arena.subarray(0, used));
    this.#arena = longer;
    this.#view = viewOf(longer);
  }

  #equals(number: number, bytes: Uint8Array, at: number): boolean {
    const arena = this.#arena;
    const end = this.#ends[number]!;
    let place = at;
    for (let i = this.#startOf(number); i < end; i++, place++) if (arena[i] !== bytes[place]) return false;
    return true;
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }

  /** FNV-1a. */
  #hash(bytes: Uint8Array, from: number, to: number): number {
    let hash = this.#seed;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME);
    return hash ^ (hash >>> 15);
  }

  /** Where the text is, or would be. */
  #slotOf(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (number < 0 || (this.#hashes[number] === hash && this.#ends[number]! - this.#startOf(number) === to - from && this.#equals(number, bytes, from))) return slot;
    }
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#hashes[number]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
