import { BackwardBytes } from '../../otlp/protobuf/backward-bytes.js';
import { HIGH_WORD, LOW_WORD } from './sample-bits.js';

/** Tag and length, value, two times of ten bytes at the most, with their tags. */
const MOST_SAMPLE_BYTES = 2 + 9 + 11 + 11;
const TWO_28 = 2 ** 28;
const TWO_32 = 2 ** 32;
const TWO_49 = 2 ** 49;

/**
 * Writes protobuf from its end to its beginning (as ../../otlp/protobuf/writer.ts does), with numbers of 64 bits taken from
 * numbers rather than bigints: a write is made of hardly anything else.
 */
export class WriteWriter extends BackwardBytes {
  /** Closes the message that ends at `end`. */
  message(tag: number, end: number): void {
    this.varint(this.mark() - end);
    this.varint(tag);
  }

  text(tag: number, value: string): void {
    this.varint(this.utf8(value));
    this.varint(tag);
  }

  double(tag: number, value: number): void {
    this.rawDouble(value);
    this.varint(tag);
  }

  /** A double by its halves: NaNs have bits that a number may lose. */
  halves(tag: number, low: number, high: number): void {
    this.reserve(8);
    this.pos -= 8;
    this.view.setUint32(this.pos, low, true);
    this.view.setUint32(this.pos + 4, high, true);
    this.varint(tag);
  }

  /** int64, uint64, uint32 or an enum, from a whole number of at most 2^53. */
  int(tag: number, value: number): void {
    this.varint(value);
    this.varint(tag);
  }

  /** sint32 or sint64. */
  signed(tag: number, value: number): void {
    this.varint(zigzag(value));
    this.varint(tag);
  }

  /** One number of a packed field of sint64. */
  packedSigned(value: number): void {
    this.varint(zigzag(value));
  }

  /** A whole number; a negative one takes ten bytes, as the wire format has it. */
  varint(value: number): void {
    if (value < 0x80 && value >= 0 && this.pos > 0) {
      this.bytes[--this.pos] = value;
      return;
    }
    if (value < 0x4000 && value >= 0 && this.pos > 1) {
      this.bytes[--this.pos] = value >>> 7;
      this.bytes[--this.pos] = (value & 0x7f) | 0x80;
      return;
    }
    if (value >= TWO_28 && value < TWO_49) {
      this.time((value - Math.floor(value / TWO_28) * TWO_28) | 0, Math.floor(value / TWO_28) | 0);
      return;
    }
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    const size = varintSize(low, high);
    this.reserve(size);
    this.pos -= size;
    let p = this.pos;
    for (let left = size; left > 1; left--) {
      this.bytes[p++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[p] = low;
  }

  /**
   * A Sample of either version, number `index` of columns: Unix milliseconds, starts of its counter (null: version 1 has none), and the
   * halves of its value as they lie in memory. Columns and not numbers, since a number handed over would be an object each.
   */
  sample(timesMs: Float64Array, startsMs: Float64Array | null, words: Uint32Array, index: number): void {
    const end = this.mark();
    this.reserve(MOST_SAMPLE_BYTES);
    if (startsMs !== null && startsMs[index] !== 0) {
      this.column(startsMs, index);
      this.bytes[--this.pos] = 0x18; // 3 start_timestamp
    }
    this.column(timesMs, index);
    this.bytes[--this.pos] = 0x10; // 2 timestamp
    this.pos -= 8;
    this.view.setUint32(this.pos, words[index * 2 + LOW_WORD], true);
    this.view.setUint32(this.pos + 4, words[index * 2 + HIGH_WORD], true);
    this.bytes[--this.pos] = 0x09; // 1 value
    const length = this.mark() - end; // never more than 127
    this.bytes[--this.pos] = length;
    this.bytes[--this.pos] = 0x12; // 2 samples
  }

  private column(timesMs: Float64Array, index: number): void {
    const value = timesMs[index];
    if (value >= TWO_28 && value < TWO_49) this.time((value - Math.floor(value / TWO_28) * TWO_28) | 0, Math.floor(value / TWO_28) | 0);
    else this.varint(value);
  }

  /** Of five to seven bytes, as Unix milliseconds are: in two halves that are small integers to the machine. */
  private time(low: number, high: number): void {
    const size = high < 0x80 ? 5 : high < 0x4000 ? 6 : 7;
    this.reserve(size);
    const p = (this.pos -= size);
    const { bytes } = this;
    bytes[p] = (low & 0x7f) | 0x80;
    bytes[p + 1] = ((low >>> 7) & 0x7f) | 0x80;
    bytes[p + 2] = ((low >>> 14) & 0x7f) | 0x80;
    bytes[p + 3] = (low >>> 21) | 0x80;
    if (size === 5) {
      bytes[p + 4] = high;
      return;
    }
    bytes[p + 4] = (high & 0x7f) | 0x80;
    if (size === 6) {
      bytes[p + 5] = high >>> 7;
      return;
    }
    bytes[p + 5] = ((high >>> 7) & 0x7f) | 0x80;
    bytes[p + 6] = high >>> 14;
  }
}

function varintSize(low: number, high: number): number {
  if (high === 0) return low < 0x80 ? 1 : low < 0x4000 ? 2 : low < 0x200000 ? 3 : low < 0x10000000 ? 4 : 5;
  if (high < 8) return 5;
  return Math.ceil((64 - Math.clz32(high)) / 7);
}

/** Whole numbers of either sign as those from 0 on: 0, -1, 1, -2, 2… */
function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}
