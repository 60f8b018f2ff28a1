import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import { keyHash } from '../index/hash.js';
import { hashOfWords, sameWords } from './words.js';

/** An attribute's name as it comes on the wire and as it stands in the column. */
export interface Key {
  readonly bytes: DataView;
  /** `"name":` */
  readonly prefix: Uint8Array;
  readonly name: string;
  /** See `keyHash`. */
  readonly hash: number;
  /** Whether its values come again. */
  readonly repeats: Repeats;
}

/** How often what was put aside of a key was used, so that keys whose values never come again are let be. */
export class Repeats {
  private credit = MAX_CREDIT;
  private refused = 0;

  used(): void {
    if (this.credit < MAX_CREDIT) this.credit += 2;
  }

  /** Whether to put a value aside. Now and then one of a key that was let be, since it may be another time. */
  worthwhile(): boolean {
    if (this.credit > 0) {
      this.credit--;
      return true;
    }
    return ++this.refused % TRY_EVERY === 0;
  }
}

const MAX_CREDIT = 64;
const TRY_EVERY = 32;

export const NO_KEY: Key = { bytes: new DataView(new ArrayBuffer(0)), prefix: new Uint8Array(0), name: '', hash: 0, repeats: new Repeats() };

const SLOTS = 4096;
const MAX_KEYS = SLOTS / 2;
/** Shorter names are rare: they need not be looked up fast. */
const MIN_BYTES = 4;
const MAX_BYTES = 128;
/** Names that a sender chose so that they collide cost no more than this. */
const MAX_PROBES = 8;

/** Names seen before, looked up by their bytes; emptied when there are too many. */
export class KeyTable {
  private slots: (Key | undefined)[] = new Array<Key | undefined>(SLOTS);
  private count = 0;

  /** null where the name is too short or too long to be remembered, or its place is crowded. `view` has the same bytes as `source`. */
  get(source: Buffer, view: DataView, from: number, to: number): Key | null {
    const length = to - from;
    if (length < MIN_BYTES || length > MAX_BYTES) return null;
    const home = hashOfWords(view, from, to, 0);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const at = (home + probe) & (SLOTS - 1);
      const key = this.slots[at];
      if (key === undefined) return this.add(at, source.subarray(from, to));
      if (key.bytes.byteLength === length && sameWords(key.bytes, 0, view, from, length)) return key;
    }
    return null;
  }

  private add(at: number, bytes: Buffer): Key {
    if (this.count === MAX_KEYS) {
      this.slots = new Array<Key | undefined>(SLOTS);
      this.count = 0;
    }
    const name = bytes.toString();
    const key: Key = { bytes: new DataView(Uint8Array.from(bytes).buffer), name, hash: keyHash(name), repeats: new Repeats(), prefix: Buffer.from(attributesToJson([{ key: name, value: null }]).slice(1, -'null}'.length)) };
    this.slots[at] = key;
    this.count++;
    return key;
  }
}
