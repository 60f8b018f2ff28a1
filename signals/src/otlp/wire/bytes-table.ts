const FIRST_SLOTS = 16;
const FIRST_BYTES = 64;

/**
 * Numbers 0, 1, 2… for keys of bytes with a variant beside: a hash table with open addressing, whose keys lie behind each other in one
 * buffer and are compared by all of their bytes. What is known of a key stands in the caller's arrays, at its number.
 */
export class BytesTable {
  size = 0;
  /** Keys one behind the other; key n lies from `starts[n]` to `starts[n + 1]`. */
  keys = new Uint8Array(FIRST_BYTES);
  starts = new Uint32Array(FIRST_SLOTS);
  private hashes = new Uint32Array(FIRST_SLOTS);
  private variants = new Int32Array(FIRST_SLOTS);
  private slots = new Int32Array(FIRST_SLOTS);

  /** Memory that it holds. */
  get bytes(): number {
    return this.keys.length + this.slots.length * 16;
  }

  /** Whether key `number` is these bytes: who expects a key asks before it looks it up. */
  holds(number: number, bytes: Uint8Array, from: number, to: number, variant: number): boolean {
    if (number >= this.size || this.variants[number] !== variant) return false;
    const { keys } = this;
    let a = this.starts[number]!;
    if (this.starts[number + 1]! - a !== to - from) return false;
    let b = from;
    while (b < to && keys[a] === bytes[b]) {
      a++;
      b++;
    }
    return b === to;
  }

  /** -1 where the key is not known. */
  find(bytes: Uint8Array, from: number, to: number, variant: number): number {
    const hash = hashOf(bytes, from, to, variant);
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (this.hashes[number] === hash && this.holds(number, bytes, from, to, variant)) return number;
    }
    return -1;
  }

  /** Copies the key, which is not known yet; answers its number. */
  add(bytes: Uint8Array, from: number, to: number, variant: number): number {
    const number = this.size++;
    if ((this.size + 1) * 2 > this.slots.length) this.grow();
    const start = this.starts[number]!;
    const end = start + to - from;
    if (end > this.keys.length) {
      const keys = new Uint8Array(Math.max(this.keys.length * 2, end));
      keys.set(this.keys.subarray(0, start));
      this.keys = keys;
    }
    this.keys.set(bytes.subarray(from, to), start);
    this.starts[number + 1] = end;
    this.hashes[number] = hashOf(bytes, from, to, variant);
    this.variants[number] = variant;
    this.place(number);
    return number;
  }

  private place(number: number): void {
    const mask = this.slots.length - 1;
    let slot = this.hashes[number]! & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = number + 1;
  }

  private grow(): void {
    const slots = this.slots.length * 2;
    this.slots = new Int32Array(slots);
    const [starts, hashes, variants] = [new Uint32Array(slots), new Uint32Array(slots), new Int32Array(slots)];
    starts.set(this.starts);
    hashes.set(this.hashes);
    variants.set(this.variants);
    [this.starts, this.hashes, this.variants] = [starts, hashes, variants];
    for (let number = 0; number < this.size - 1; number++) this.place(number);
  }
}

/** FNV-1a over four bytes at a time. */
function hashOf(bytes: Uint8Array, from: number, to: number, variant: number): number {
  let hash = 0x811c9dc5 ^ variant;
  let i = from;
  for (; i + 4 <= to; i += 4) hash = Math.imul(hash ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)), 0x01000193) ^ (hash >>> 15);
  for (; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
