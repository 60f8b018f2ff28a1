import type { WireReader } from '@signalbox/signals/otlp/protobuf/wire';

/** A power of two. */
const SLOTS = 2048;
const MAX_FIELD_BYTES = 1024;
/** What was written so long ago is written again instead of repeated, so that repetitions stay cheap. */
export const MAX_DISTANCE = 60_000;

/**
 * The fields of log records that a request has had, by their bytes, and where what they became stands in it. A table of fixed size: a
 * newer field takes the place of another with the same hash.
 */
export class SeenFields {
  /** Number of the name of the structured metadata that the field became. */
  readonly name = new Int32Array(SLOTS);
  /** Where that was written last, and how many bytes it has. */
  readonly position = new Int32Array(SLOTS);
  readonly bytes = new Int32Array(SLOTS);
  readonly #request = new Int32Array(SLOTS);
  readonly #at = new Int32Array(SLOTS);
  readonly #length = new Int32Array(SLOTS);
  #current = 0;

  /** Forgets all: another request, perhaps of other bytes. */
  begin(): void {
    this.#current++;
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
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }

  /** Whether the slot holds this very field, not too far from `position`. */
  has(slot: number, { bytes, view }: WireReader, from: number, to: number, position: number): boolean {
    if (this.#request[slot] !== this.#current || this.#length[slot] !== to - from || position - this.position[slot]! > MAX_DISTANCE) return false;
    let known = this.#at[slot]!;
    let at = from;
    for (; at + 4 <= to; at += 4, known += 4) if (view.getUint32(at, true) !== view.getUint32(known, true)) return false;
    for (; at < to; at++, known++) if (bytes[at] !== bytes[known]) return false;
    return true;
  }

  keep(slot: number, from: number, to: number, name: number, position: number, bytes: number): void {
    this.#request[slot] = this.#current;
    this.#at[slot] = from;
    this.#length[slot] = to - from;
    this.name[slot] = name;
    this.position[slot] = position;
    this.bytes[slot] = bytes;
  }
}
