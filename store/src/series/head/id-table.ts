const FIRST_SLOTS = 1024;

/** Numbers 0, 1, 2… for 64-bit ids in the order in which they are first seen. Open addressing; ids are hashes already. */
export class IdTable {
  size = 0;
  private slots = new Int32Array(FIRST_SLOTS);
  private ids = new Uint32Array(FIRST_SLOTS);

  /** The id's number; equal to the size before where it is new. */
  number(low: number, high: number): number {
    const mask = this.slots.length - 1;
    let slot = low & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = this.slots[slot] - 1;
      if (this.ids[2 * number] === low && this.ids[2 * number + 1] === high) return number;
    }
    const number = this.size++;
    this.slots[slot] = number + 1;
    this.ids[2 * number] = low;
    this.ids[2 * number + 1] = high;
    if (this.size * 2 >= this.slots.length) this.grow();
    return number;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const ids = new Uint32Array(slots.length);
    ids.set(this.ids);
    const mask = slots.length - 1;
    for (let number = 0; number < this.size; number++) {
      let slot = ids[2 * number] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.slots = slots;
    this.ids = ids;
  }
}
