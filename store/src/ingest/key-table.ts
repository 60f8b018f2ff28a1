import { attributesToJson } from '@signalbox/signals/model/attribute-text';

/** An attribute's name as it comes on the wire and as it stands in the column. */
export interface Key {
  readonly bytes: Uint8Array;
  /** `"name":` */
  readonly prefix: Uint8Array;
  readonly name: string;
}

const SLOTS = 4096;
const MAX_KEYS = SLOTS / 2;
const MAX_BYTES = 128;

/** Names seen before, looked up by their bytes; emptied when there are too many. */
export class KeyTable {
  private slots: (Key | undefined)[] = new Array<Key | undefined>(SLOTS);
  private count = 0;

  /** null where the name is too long to be remembered. */
  get(source: Buffer, from: number, to: number): Key | null {
    const length = to - from;
    if (length === 0 || length > MAX_BYTES) return null;
    let at = (length * 31 + source[from] * 7 + source[to - 1] * 8191 + source[from + (length >> 1)] * 127 + source[from + (length >> 2)] * 521) & (SLOTS - 1);
    for (;;) {
      const key = this.slots[at];
      if (key === undefined) return this.add(at, source.subarray(from, to));
      if (key.bytes.length === length) {
        const { bytes } = key;
        let i = 0;
        while (i < length && bytes[i] === source[from + i]) i++;
        if (i === length) return key;
      }
      at = (at + 1) & (SLOTS - 1);
    }
  }

  private add(at: number, bytes: Buffer): Key {
    if (this.count === MAX_KEYS) {
      this.slots = new Array<Key | undefined>(SLOTS);
      this.count = 0;
    }
    const name = bytes.toString();
    const key: Key = { bytes: Uint8Array.from(bytes), name, prefix: Buffer.from(attributesToJson([{ key: name, value: null }]).slice(1, -'null}'.length)) };
    this.slots[at] = key;
    this.count++;
    return key;
  }
}
