import type { WireReader } from '@signalbox/signals/otlp/protobuf/wire';

/** Powers of two. The numbers of a slot lie side by side: */
const SLOTS = 1024;
const STRIDE = 8;
/** … the request that it belongs to, … */
const REQUEST = 0;
/** … the field's place and length in the wire, … */
const AT = 1;
const LENGTH = 2;
/** … the number of the name that it became, and where that pair was written last, with so many bytes. */
const NAME = 3;
const POSITION = 4;
const BYTES = 5;

const MAX_FIELD_BYTES = 1024;
/** What was written so long ago is written again instead of repeated, so that repetitions stay cheap. */
export const MAX_DISTANCE = 60_000;

/**
 * The fields of log records that a request has had, by their bytes, and where what they became stands in it. A table of fixed size: a
 * newer field takes the place of another with the same hash.
 */
export class SeenFields {
  readonly #slots = new Int32Array(SLOTS * STRIDE);
  #request = 0;

  /** Forgets all: another request, perhaps of other bytes. */
  begin(): void {
    this.#request++;
  }

  /** The slot of the field at `from`, which may hold another one; -1 for fields that are not remembered. */
  slotOf({ bytes, view }: WireReader, from: number, to: number): number {
    const length = to - from;
    if (length > MAX_FIELD_BYTES) return -1;
    let hash = length;
    if (length >= 8) {
      hash ^= Math.imul(view.getUint32(to - 4, true), 0x9e3779b1) ^ Math.imul(view.getUint32(to - 8, true), 0x85ebca6b) ^ Math.imul(view.getUint32(from + (length >> 1) - 2, true), 0xc2b2ae35);
    } else {
      for (let i = from; i < to; i++) hash = Math.imul(hash, 31) + bytes[i]!;
      hash = Math.imul(hash, 0x9e3779b1);
    }
    return ((hash ^ (hash >>> 15)) & (SLOTS - 1)) * STRIDE;
  }

  /** Whether the slot holds this very field, not too far from `position`. */
  has(slot: number, { bytes, view }: WireReader, from: number, to: number, position: number): boolean {
    const slots = this.#slots;
    if (slots[slot + REQUEST] !== this.#request || slots[slot + LENGTH] !== to - from || position - slots[slot + POSITION]! > MAX_DISTANCE) return false;
    let known = slots[slot + AT]!;
    let at = from;
    for (const last = to - 4; at <= last; at += 4, known += 4) if (view.getUint32(at, true) !== view.getUint32(known, true)) return false;
    for (; at < to; at++, known++) if (bytes[at] !== bytes[known]) return false;
    return true;
  }

  keep(slot: number, from: number, to: number, name: number, position: number, bytes: number): void {
    const slots = this.#slots;
    slots[slot + REQUEST] = this.#request;
    slots[slot + AT] = from;
    slots[slot + LENGTH] = to - from;
    slots[slot + NAME] = name;
    slots[slot + POSITION] = position;
    slots[slot + BYTES] = bytes;
  }

  name(slot: number): number {
    return this.#slots[slot + NAME]!;
  }

  position(slot: number): number {
    return this.#slots[slot + POSITION]!;
  }

  bytes(slot: number): number {
    return this.#slots[slot + BYTES]!;
  }

  /** What the slot holds was repeated, unless something else has come there since it stood at `before`. */
  move(slot: number, before: number, position: number): void {
    if (this.#slots[slot + POSITION] === before) this.#slots[slot + POSITION] = position;
  }
}
