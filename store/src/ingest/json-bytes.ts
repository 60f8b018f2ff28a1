import { attributesToJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import type { KeyValue } from '@signalbox/signals/model/attributes';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LAST_CONTROL = 0x1f;
const MINUS = 0x2d;
const ZERO = 0x30;
const FIRST_BYTES = 1 << 16;
/** Doubles hold every whole number below this. */
const EXACT = 2 ** 53;

/** A buffer that typed JSON is written into, byte by byte, as `attributesToJson` writes it. */
export class JsonBytes {
  bytes = Buffer.allocUnsafe(FIRST_BYTES);
  length = 0;

  /** Makes room for so many bytes behind `length`. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(bigger, 0, 0, this.length);
    this.bytes = bigger;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** Bytes as they are; room has been reserved. */
  raw(source: Uint8Array): void {
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  ascii(text: string): void {
    this.reserve(text.length);
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  /** A string in quotes; false, and nothing written, where something must be escaped or is not plain ASCII and so may not be valid. */
  plainString(source: Uint8Array, from: number, to: number): boolean {
    this.reserve(to - from + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = from; i < to; i++) {
      const byte = source[i];
      if (byte <= LAST_CONTROL || byte === QUOTE || byte === BACKSLASH || byte > 0x7e) return false;
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    this.length = at;
    return true;
  }

  /** A signed 64-bit integer given as two unsigned words. */
  integer(high: number, low: number): void {
    if (high === 0) return this.natural(low);
    if (high < EXACT / 2 ** 32) return this.natural(high * 2 ** 32 + low);
    this.ascii(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString());
  }

  double(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) < EXACT && !Object.is(value, -0)) {
      this.reserve(20);
      if (value < 0) this.byte(MINUS);
      this.natural(Math.abs(value));
      this.ascii('.0');
      return;
    }
    this.ascii(valueToJson(value));
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
