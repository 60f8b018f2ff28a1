import type { JsonBuffer } from '../json/json-buffer.js';

/**
 * Makes the `_id` of documents: the journal's uuid, the position of the frame and the ordinal in it, which together name
 * an item for ever; in base64url, 24 to 31 characters. What an item has several of is numbered behind that.
 */
export class DocumentIds {
  private readonly journal: readonly number[];
  private last: { readonly position: number; readonly ids: FrameIds } | null = null;

  constructor(journalId: string) {
    this.journal = [...Buffer.from(journalId.replaceAll('-', ''), 'hex')];
    if (this.journal.length !== 16) throw new Error(`journal id is no uuid: ${journalId}`);
  }

  of(position: number, ...numbers: readonly number[]): string {
    const bytes = [...this.journal];
    for (const number of [position, ...numbers]) pushVarint(bytes, number);
    return Buffer.from(bytes).toString('base64url');
  }

  /** The ids of one frame's items. */
  in(position: number): FrameIds {
    if (this.last?.position === position) return this.last.ids;
    const bytes = [...this.journal];
    pushVarint(bytes, position);
    this.last = { position, ids: new FrameIds(bytes) };
    return this.last.ids;
  }
}

/** Writes ids that begin alike: all but the last bytes are made once. */
export class FrameIds {
  /** What all of them begin with. */
  readonly begin: Uint8Array;
  /** Bytes that stand in front of the numbers, and how many they are: what three bytes do not take together. */
  private readonly left: number;
  private readonly leftBytes: number;

  constructor(prefix: readonly number[]) {
    this.leftBytes = prefix.length % 3;
    const whole = prefix.length - this.leftBytes;
    this.begin = Buffer.from(Buffer.from(prefix.slice(0, whole)).toString('base64url'));
    this.left = prefix.slice(whole).reduce((bits, byte) => (bits << 8) | byte, 0);
  }

  /** What stands behind the beginning. `number` counts what an item has several of; -1: the item itself. */
  write(out: JsonBuffer, ordinal: number, number: number): void {
    // Bits that wait until they are three bytes, which are four characters.
    let bits = this.left;
    let bytes = this.leftBytes;
    for (let which = 0; which < (number < 0 ? 1 : 2); which++) {
      let rest = which === 0 ? ordinal : number;
      for (let more = true; more; ) {
        more = rest >= 0x80;
        bits = (bits << 8) | (more ? (rest % 0x80) + 0x80 : rest);
        rest = Math.floor(rest / 0x80);
        if (++bytes < 3) continue;
        out.byte(BASE64URL[bits >> 18]);
        out.byte(BASE64URL[(bits >> 12) & 0x3f]);
        out.byte(BASE64URL[(bits >> 6) & 0x3f]);
        out.byte(BASE64URL[bits & 0x3f]);
        bits = bytes = 0;
      }
    }
    if (bytes === 0) return;
    bits <<= bytes === 1 ? 4 : 2;
    if (bytes === 2) out.byte(BASE64URL[bits >> 12]);
    out.byte(BASE64URL[(bits >> 6) & 0x3f]);
    out.byte(BASE64URL[bits & 0x3f]);
  }
}

const BASE64URL = Uint8Array.from(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'));

function pushVarint(bytes: number[], number: number): void {
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
}
