import type { JsonBytes } from './json-bytes.js';
import { NO_KEY, type Key } from './key-table.js';

const SLOTS = 4096;
/** Shorter ones are as fast to read; longer ones seldom come again. Both parts of a slot are whole words. */
const MIN_WIRE_BYTES = 8;
const MAX_WIRE_BYTES = 128;
const MAX_JSON_BYTES = 128;
const SLOT_BYTES = MAX_WIRE_BYTES + MAX_JSON_BYTES;
const PRIME = 0x01000193;
/** Blocks of one generation are fewer. */
const BLOCKS = 2 ** 32;

/**
 * Attributes seen before, by their bytes on the wire, with what was made of them: most attributes of a span, key and value, are those of a
 * span before. A place for each hash: what comes takes the place of what was there, so that nothing is allotted and nothing grows.
 */
export class AttributeTable {
  private readonly view = new DataView(new ArrayBuffer(SLOTS * SLOT_BYTES));
  /** 0: nothing is there. */
  private readonly wireLengths = new Uint8Array(SLOTS);
  private readonly jsonLengths = new Uint8Array(SLOTS);
  private readonly seeds = new Uint32Array(SLOTS);
  private readonly terms = new Uint32Array(SLOTS);
  /** The block that the term was added to last, see `blockIs`. */
  private readonly blocks = new Float64Array(SLOTS);
  private readonly keys: Key[] = Array.from({ length: SLOTS }, () => NO_KEY);
  private slot = -1;
  private generation: object | null = null;
  private generations = 0;
  private block = 0;

  /** Which block terms go to now; blocks of one `generation` have numbers of their own. */
  blockIs(generation: object, block: number): void {
    if (generation !== this.generation) {
      this.generation = generation;
      this.generations++;
    }
    this.block = this.generations * BLOCKS + block;
  }

  /** Looks for the attribute in bytes from..to of the wire; `seed` is that of its term. True when it is there: then it is the current one. */
  find(wire: DataView, from: number, to: number, seed: number): boolean {
    const length = to - from;
    if (length < MIN_WIRE_BYTES || length > MAX_WIRE_BYTES) {
      this.slot = -1;
      return false;
    }
    let hash = seed ^ length;
    for (let at = from; at + 4 <= to; at += 4) hash = Math.imul(hash ^ wire.getInt32(at, true), PRIME);
    // The last word again, with the bytes that are no whole one.
    hash = Math.imul(hash ^ wire.getInt32(to - 4, true), PRIME);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    this.slot = slot;
    if (this.wireLengths[slot] !== length || this.seeds[slot] !== seed >>> 0) return false;
    const { view } = this;
    const begin = slot * SLOT_BYTES;
    for (let at = 0; at + 4 <= length; at += 4) if (view.getInt32(begin + at, true) !== wire.getInt32(from + at, true)) return false;
    return view.getInt32(begin + length - 4, true) === wire.getInt32(to - 4, true);
  }

  /** Puts the attribute that was looked for last into the table: its JSON, `"key":value`, stands in bytes jsonFrom..jsonTo. */
  remember(wire: DataView, from: number, to: number, seed: number, key: Key, term: number, json: DataView, jsonFrom: number, jsonTo: number): void {
    const { slot, view } = this;
    if (slot < 0 || jsonTo - jsonFrom > MAX_JSON_BYTES || !key.repeats.worthwhile()) return;
    copyWords(view, slot * SLOT_BYTES, wire, from, to);
    copyWords(view, slot * SLOT_BYTES + MAX_WIRE_BYTES, json, jsonFrom, jsonTo);
    this.wireLengths[slot] = to - from;
    this.jsonLengths[slot] = jsonTo - jsonFrom;
    this.seeds[slot] = seed;
    this.terms[slot] = term;
    this.keys[slot] = key;
    this.blocks[slot] = this.block;
  }

  /** Writes the current attribute's JSON. */
  writeTo(json: JsonBytes): void {
    this.keys[this.slot].repeats.used();
    json.words(this.view, this.slot * SLOT_BYTES + MAX_WIRE_BYTES, this.jsonLengths[this.slot]);
  }

  /** Whether the current attribute's term was not added to the current block yet; from here on it was. */
  isNewInBlock(): boolean {
    const { slot, block } = this;
    if (this.blocks[slot] === block) return false;
    this.blocks[slot] = block;
    return true;
  }

  get key(): Key {
    return this.keys[this.slot];
  }

  get term(): number {
    return this.terms[this.slot];
  }
}

/** Copies bytes from..to, at least four. */
function copyWords(target: DataView, at: number, source: DataView, from: number, to: number): void {
  const end = to - 4;
  for (let i = from; i < end; i += 4) target.setInt32(at + i - from, source.getInt32(i, true), true);
  target.setInt32(at + end - from, source.getInt32(end, true), true);
}
