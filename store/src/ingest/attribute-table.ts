import type { JsonBytes } from './json-bytes.js';
import { NO_KEY, type Key } from './key-table.js';
import { copyWords, hashOfWords, sameWords } from './words.js';

const SLOTS = 4096;
/** Shorter ones are as fast to read; longer ones seldom come again. All parts of a slot are whole words. */
const MIN_WIRE_BYTES = 8;
const MAX_WIRE_BYTES = 112;
const MAX_JSON_BYTES = 128;
/** Of a slot, words first, so that what a look-up compares lies together: lengths, seed, term, stamp; then the wire, then the JSON. */
const SEED = 4;
const TERM = 8;
const STAMP = 12;
const WIRE = 16;
const JSON_TEXT = WIRE + MAX_WIRE_BYTES;
const SLOT_BYTES = JSON_TEXT + MAX_JSON_BYTES;
/** The wire's length stands in the low bits, 0 where nothing is there; the JSON's above. */
const JSON_LENGTH_SHIFT = 8;
const LENGTH_MASK = 0xff;

/**
 * Attributes seen before, by their bytes on the wire, with what was made of them: most attributes of a span, key and value, are those of a
 * span before. A place for each hash: what comes takes the place of what was there, so that nothing is allotted and nothing grows.
 */
export class AttributeTable {
  private readonly view = new DataView(new ArrayBuffer(SLOTS * SLOT_BYTES));
  private readonly keys: Key[] = Array.from({ length: SLOTS }, () => NO_KEY);
  private slot = -1;
  private generation: object | null = null;
  private block = -1;
  /** Names the block that terms go to now. A slot has that of the block which its term was added to last. */
  private stamp = 0;

  /** Which block terms go to now; blocks of one `generation` have numbers of their own. */
  blockIs(generation: object, block: number): void {
    if (block === this.block && generation === this.generation) return;
    this.generation = generation;
    this.block = block;
    this.stamp = (this.stamp + 1) | 0;
  }

  /** Looks for the attribute in bytes from..to of the wire; `seed` is that of its term. True when it is there: then it is the current one. */
  find(wire: DataView, from: number, to: number, seed: number): boolean {
    const length = to - from;
    if (length < MIN_WIRE_BYTES || length > MAX_WIRE_BYTES) {
      this.slot = -1;
      return false;
    }
    const slot = hashOfWords(wire, from, to, seed) & (SLOTS - 1);
    this.slot = slot;
    const { view } = this;
    const begin = slot * SLOT_BYTES;
    if ((view.getInt32(begin, true) & LENGTH_MASK) !== length || view.getInt32(begin + SEED, true) !== (seed | 0)) return false;
    return sameWords(view, begin + WIRE, wire, from, length);
  }

  /** Puts the attribute that was looked for last into the table: its JSON, `"key":value`, stands in bytes jsonFrom..jsonTo. */
  remember(wire: DataView, from: number, to: number, seed: number, key: Key, term: number, json: DataView, jsonFrom: number, jsonTo: number): void {
    const { slot, view } = this;
    if (slot < 0 || jsonTo - jsonFrom > MAX_JSON_BYTES || !key.repeats.worthwhile()) return;
    const begin = slot * SLOT_BYTES;
    view.setInt32(begin, (to - from) | ((jsonTo - jsonFrom) << JSON_LENGTH_SHIFT), true);
    view.setInt32(begin + SEED, seed | 0, true);
    view.setUint32(begin + TERM, term, true);
    view.setInt32(begin + STAMP, this.stamp, true);
    copyWords(view, begin + WIRE, wire, from, to);
    copyWords(view, begin + JSON_TEXT, json, jsonFrom, jsonTo);
    this.keys[slot] = key;
  }

  /** Writes the current attribute's JSON. */
  writeTo(json: JsonBytes): void {
    const { slot, view } = this;
    this.keys[slot].repeats.used();
    const begin = slot * SLOT_BYTES;
    json.words(view, begin + JSON_TEXT, view.getInt32(begin, true) >>> JSON_LENGTH_SHIFT);
  }

  /** Whether the current attribute's term was not added to the current block yet; from here on it was. */
  isNewInBlock(): boolean {
    const { view, stamp } = this;
    const at = this.slot * SLOT_BYTES + STAMP;
    if (view.getInt32(at, true) === stamp) return false;
    view.setInt32(at, stamp, true);
    return true;
  }

  get key(): Key {
    return this.keys[this.slot];
  }

  get term(): number {
    return this.view.getUint32(this.slot * SLOT_BYTES + TERM, true);
  }
}
