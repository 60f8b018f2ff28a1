import { ByteSink } from '../chunk/byte-sink.js';

const FIRST_SLOTS = 16;

/** Numbers 0, 1, 2… for keys of bytes with a variant beside. Open addressing; keys are compared by all of their bytes. */
export class BytesTable {
  size = 0;
  private readonly keys = new ByteSink(64);
  private starts = new Uint32Array(FIRST_SLOTS);
  private hashes = new Uint32Array(FIRST_SLOTS);
  private variants = new Int32Array(FIRST_SLOTS);
  private slots = new Int32Array(FIRST_SLOTS);

  get bytes(): number {
    return this.keys.bytes.length + this.slots.length * 16;
  }

  /** -1 where the key is not known. */
  find(bytes: Uint8Array, from: number, to: number, variant: number): number {
    const hash = hashOf(bytes, from, to, variant);
    const { keys, starts, slots } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = slots[slot] - 1;
      if (this.hashes[number] !== hash || this.variants[number] !== variant) continue;
      let a = starts[number];
      if (starts[number + 1] - a !== to - from) continue;
      let b = from;
      while (b < to && keys.bytes[a] === bytes[b]) {
        a++;
        b++;
      }
      if (b === to) return number;
    }
    return -1;
  }

  /** The key is not known yet. */
  add(bytes: Uint8Array, from: number, to: number, variant: number): number {
    const number = this.size++;
    if ((this.size + 1) * 2 > this.slots.length) this.grow();
    this.keys.raw(bytes.subarray(from, to));
    this.starts[number + 1] = this.keys.length;
    this.hashes[number] = hashOf(bytes, from, to, variant);
    this.variants[number] = variant;
    this.place(number);
    return number;
  }

  private place(number: number): void {
    const mask = this.slots.length - 1;
    let slot = this.hashes[number] & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = number + 1;
  }

  private grow(): void {
    const slots = this.slots.length * 2;
    this.slots = new Int32Array(slots);
    const copy = <T extends Uint32Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.starts = copy(this.starts, new Uint32Array(slots));
    this.hashes = copy(this.hashes, new Uint32Array(slots));
    this.variants = copy(this.variants, new Int32Array(slots));
    for (let number = 0; number < this.size - 1; number++) this.place(number);
  }
}

/** FNV-1a over four bytes at a time. */
function hashOf(bytes: Uint8Array, from: number, to: number, variant: number): number {
  let hash = 0x811c9dc5 ^ variant;
  let i = from;
  for (; i + 4 <= to; i += 4) hash = Math.imul(hash ^ (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)), 0x01000193) ^ (hash >>> 15);
  for (; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
