import { doubleText, stringText } from './json-text.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const CAPITAL_Z = 0x5a;
/** Longer strings are looked over and copied natively. */
const SHORT = 96;
/** A character that JSON escapes or that takes more than a byte. */
const NOT_PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const NS_PER_S = 1_000_000_000;
const HEX = Uint8Array.from(Buffer.from('0123456789abcdef'));
/** Bytes of a time, quotes included. */
export const TIME_BYTES = 32;

/** JSON as UTF-8 bytes, put together without texts in between, in a buffer that grows. */
export class JsonBuffer {
  private bytes: Buffer;
  length = 0;
  /** The second last written, `"2026-11-21T16:09:18.`: records that follow each other mostly share it. */
  private second = -1;
  private secondText = new Uint8Array();

  /** @param memory what it begins with: so many bytes, or memory that nobody else uses meanwhile */
  constructor(memory: number | Buffer) {
    this.bytes = typeof memory === 'number' ? Buffer.allocUnsafe(memory) : memory;
  }

  /** All that it has, to be used again when nobody reads what was written any more. */
  get memory(): Buffer {
    return this.bytes;
  }

  /** What was written; a view until more is. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** ASCII that is JSON already. */
  ascii(text: string): void {
    const { length } = text;
    this.reserve(length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** JSON of any characters. */
  raw(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  copy(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  byte(code: number): void {
    this.reserve(1);
    this.bytes[this.length++] = code;
  }

  /** A string, quoted. */
  string(value: string): void {
    const { length } = value;
    if (length > SHORT) return NOT_PLAIN.test(value) ? this.raw(stringText(value)) : this.plain(value);
    this.reserve(length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return this.raw(stringText(value));
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  integer(value: bigint | number): void {
    this.ascii(String(value));
  }

  double(value: number): void {
    this.ascii(doubleText(value));
  }

  /** Unix nanoseconds as a date with nine digits behind the second. */
  time(timeNs: bigint): void {
    this.timeOf(Number(timeNs >> 32n), Number(timeNs & 0xffff_ffffn));
  }

  /** The same of the two halves of a time, each unsigned. Takes TIME_BYTES. */
  timeOf(high: number, low: number): void {
    // Divided digit by digit of 16 bits: each step fits into a double.
    let second = 0;
    let rest = 0;
    for (let digit = 0; digit < 4; digit++) {
      const dividend = rest * 0x10000 + (digit === 0 ? high >>> 16 : digit === 1 ? high & 0xffff : digit === 2 ? low >>> 16 : low & 0xffff);
      const quotient = Math.floor(dividend / NS_PER_S);
      rest = dividend - quotient * NS_PER_S;
      second = second * 0x10000 + quotient;
    }
    if (second !== this.second) {
      this.second = second;
      this.secondText = Buffer.from(`"${new Date(second * 1000).toISOString().slice(0, -4)}`);
    }
    const { secondText } = this;
    this.reserve(secondText.length + 11);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < secondText.length; i++) bytes[at++] = secondText[i];
    // Of the nanoseconds, which are less than 2^30.
    let left = rest | 0;
    for (let digit = at + 8; digit >= at; digit--) {
      const next = (left / 10) | 0;
      bytes[digit] = ZERO + left - next * 10;
      left = next;
    }
    bytes[at + 9] = CAPITAL_Z;
    bytes[at + 10] = QUOTE;
    this.length = at + 11;
  }

  /** Writes a time where room was left for it. */
  fillTime(at: number, high: number, low: number): void {
    const { length } = this;
    this.length = at;
    this.timeOf(high, low);
    this.length = length;
  }

  /** Leaves room of so many bytes, and answers where. */
  leave(bytes: number): number {
    this.reserve(bytes);
    const at = this.length;
    this.length += bytes;
    return at;
  }

  /** Bytes as a string, quoted; false, and nothing written, where a character is to be escaped or takes more than a byte. */
  plainBytes(from: Uint8Array, start: number, end: number): boolean {
    this.reserve(end - start + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const code = from[i];
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false;
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
    return true;
  }

  /** Bytes in hex, quoted. */
  hex(from: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 2 + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      bytes[at++] = HEX[from[i] >>> 4];
      bytes[at++] = HEX[from[i] & 0x0f];
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  /** Takes back what was written from there on. */
  rewind(length: number): void {
    this.length = length;
  }

  private plain(value: string): void {
    this.reserve(value.length + 2);
    this.bytes[this.length++] = QUOTE;
    this.length += this.bytes.write(value, this.length, 'latin1');
    this.bytes[this.length++] = QUOTE;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
