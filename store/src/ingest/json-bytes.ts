import { attributesToJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import type { KeyValue } from '@signalbox/signals/model/attributes';
import { addToHash, endHash } from '../index/hash.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LAST_CONTROL = 0x1f;
const MINUS = 0x2d;
const ZERO = 0x30;
const DOT = 0x2e;
const MILLION = 1_000_000;
const DECIMAL_LIMIT = 1e15;
/** 1 for bytes that stand in a JSON string as they are. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => (byte > LAST_CONTROL && byte !== QUOTE && byte !== BACKSLASH && byte < 0x7f ? 1 : 0));
const FIRST_BYTES = 1 << 16;
const KEPT_TEXTS = 2048;
/** Doubles hold every whole number below this. */
const EXACT = 2 ** 53;

/** A buffer that typed JSON is written into, byte by byte, as `attributesToJson` writes it. */
export class JsonBytes {
  bytes = Buffer.allocUnsafe(FIRST_BYTES);
  length = 0;
  /** The same bytes. */
  view = viewOf(this.bytes);
  /** What `text` answered, by its length. */
  private texts = new Array<Uint8Array | undefined>(KEPT_TEXTS).fill(undefined);

  /** Makes room for so many bytes behind `length`. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(bigger, 0, 0, this.length);
    this.bytes = bigger;
    this.view = viewOf(bigger);
    this.texts.fill(undefined);
  }

  /** What was written so far; it changes with what is written next. To make a new one of them each time takes longer than to copy it. */
  text(): Uint8Array {
    const { length } = this;
    if (length >= KEPT_TEXTS) return this.bytes.subarray(0, length);
    return (this.texts[length] ??= this.bytes.subarray(0, length));
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** A few bytes as they are; room has been reserved. */
  raw(source: Uint8Array): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < source.length; i++) bytes[at++] = source[i];
    this.length = at;
  }

  /** Bytes of a view, a word at a time: behind them there must be as many as make the last word whole. */
  words(source: DataView, from: number, length: number): void {
    this.reserve(length + 4);
    const { view, length: at } = this;
    for (let i = 0; i < length; i += 4) view.setInt32(at + i, source.getInt32(from + i, true), true);
    this.length = at + length;
  }

  ascii(text: string): void {
    this.reserve(text.length);
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  /**
   * A string in quotes. Answers its hash as `hashBytes` gives it for what was written; -1, and nothing written, where something must be
   * escaped or is not plain ASCII and so may not be valid.
   */
  plainString(source: Uint8Array, from: number, to: number, seed: number): number {
    this.reserve(to - from + 2);
    const { bytes } = this;
    let at = this.length;
    let hash = addToHash(seed, QUOTE);
    bytes[at++] = QUOTE;
    for (let i = from; i < to; i++) {
      const byte = source[i];
      if (PLAIN[byte] === 0) return -1;
      hash = addToHash(hash, byte);
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    this.length = at;
    return endHash(addToHash(hash, QUOTE));
  }

  /** A signed 64-bit integer given as two unsigned words. */
  integer(high: number, low: number): void {
    if (high === 0) return this.natural(low);
    if (high < EXACT / 2 ** 32) return this.natural(high * 2 ** 32 + low);
    this.ascii(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString());
  }

  double(value: number): void {
    const magnitude = Math.abs(value);
    const millionths = Math.round(magnitude * MILLION);
    // A decimal of up to 15 digits that reads back as the number is what String would write: no other so short one does.
    if (millionths / MILLION !== magnitude || millionths >= DECIMAL_LIMIT || Object.is(value, -0)) return this.ascii(valueToJson(value));
    this.reserve(20);
    if (value < 0) this.byte(MINUS);
    const whole = Math.floor(millionths / MILLION);
    this.natural(whole);
    this.byte(DOT);
    let fraction = millionths - whole * MILLION;
    let digit = MILLION / 10;
    do {
      const next = Math.floor(fraction / digit);
      this.byte(ZERO + next);
      fraction -= next * digit;
      digit /= 10;
    } while (fraction > 0);
  }

  /** Any attribute, by way of the model. */
  attribute(attribute: KeyValue): void {
    const text = attributesToJson([attribute]);
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text.slice(1, -1), this.length, 'utf8');
  }

  private natural(value: number): void {
    this.reserve(20);
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    let rest = value;
    for (let i = this.length + digits - 1; i >= this.length; i--) {
      const next = Math.floor(rest / 10);
      this.bytes[i] = ZERO + (rest - next * 10);
      rest = next;
    }
    this.length += digits;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
