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
  private readonly begin: string;
  private readonly left: readonly number[];
  private readonly tail: number[] = [];

  constructor(prefix: readonly number[]) {
    const whole = prefix.length - (prefix.length % 3);
    this.begin = Buffer.from(prefix.slice(0, whole)).toString('base64url');
    this.left = prefix.slice(whole);
  }

  /** `number` counts what an item has several of; -1: the item itself. */
  write(out: JsonBuffer, ordinal: number, number: number): void {
    const { tail } = this;
    tail.length = 0;
    for (let i = 0; i < this.left.length; i++) tail.push(this.left[i]);
    pushVarint(tail, ordinal);
    if (number >= 0) pushVarint(tail, number);
    out.ascii(this.begin);
    for (let i = 0; i < tail.length; i += 3) {
      const left = tail.length - i;
      const bits = (tail[i] << 16) | (left > 1 ? tail[i + 1] << 8 : 0) | (left > 2 ? tail[i + 2] : 0);
      out.byte(BASE64URL[bits >> 18]);
      out.byte(BASE64URL[(bits >> 12) & 0x3f]);
      if (left > 1) out.byte(BASE64URL[(bits >> 6) & 0x3f]);
      if (left > 2) out.byte(BASE64URL[bits & 0x3f]);
    }
  }
}

const BASE64URL = Uint8Array.from(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'));

function pushVarint(bytes: number[], number: number): void {
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
}
