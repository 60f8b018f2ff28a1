import { Repeats } from '../deflate/repeats.js';
import { MAX_DISTANCE } from '../deflate/symbols.js';
import { HEX_PAIRS, THREE_DIGITS } from './digits.js';
import { doubleText, stringText } from './json-text.js';
import { PhraseRuns } from './phrase-runs.js';
import { Phrase } from './phrase.js';
import { SecondText } from './second-text.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `Z"` as a little-endian number. */
const Z_QUOTE = 0x225a;
/** Longer strings are looked over and copied natively. */
const SHORT = 96;
/** A character that JSON escapes or that takes more than a byte. */
const NOT_PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
/** The highest bit of each byte of a word. */
const HIGHEST = 0x80808080 | 0;
/** Texts that share fewer bytes gain nothing by it. */
const ALIKE_BYTES = 8;
const SLOT_BITS = 10;
/** Words are written whole: so much more room there must be. */
const WORD_SPARE = 8;
/** Bytes of a time, quotes included. */
export const TIME_BYTES = 32;
const NOTHING = new Phrase(new Uint8Array());

/** JSON as UTF-8 bytes, put together without texts in between, in a buffer that grows. */
export class JsonBuffer {
  private bytes: Buffer;
  private view: DataView;
  /** Where the next byte goes behind what is written already. */
  private end = 0;
  /** Phrases that come next, as one, and are not written yet: perhaps another one follows them. */
  private pending = NOTHING;
  /** Where phrases and times stand that were written before. */
  readonly repeats: Repeats;
  /** What phrases remember having been written in; another one when something was taken back. */
  private text: object = {};
  /** Where a text with these first bytes begins, plus one; 0: nowhere. */
  private readonly begun = new Int32Array(1 << SLOT_BITS);
  private readonly second = new SecondText();
  /** The time last written, and where it stands; -1: nowhere. `sameAt`: where the one before stands, if it was the same. */
  private timeHigh = 0;
  private timeLow = 0;
  private timeAt = -1;
  private sameAt = -1;

  /**
   * @param memory what it begins with: so many bytes, or memory that nobody else uses meanwhile
   * @param repeats what is empty and nobody else uses meanwhile
   * @param runs of phrases; may be kept from text to text
   */
  constructor(memory: number | Buffer, repeats = new Repeats(), private readonly runs = new PhraseRuns()) {
    this.repeats = repeats;
    this.bytes = typeof memory === 'number' ? Buffer.allocUnsafe(memory) : memory;
    this.view = viewOf(this.bytes);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.end + this.pending.length;
  }

  /** All that it has, to be used again when nobody reads what was written any more. */
  get memory(): Buffer {
    return this.bytes;
  }

  /** What was written; a view until more is. */
  written(): Buffer {
    this.flush();
    return this.bytes.subarray(0, this.end);
  }

  /** ASCII that is JSON already. */
  ascii(text: string): void {
    const { length } = text;
    this.reserve(length);
    const { bytes } = this;
    let at = this.end;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.end = at;
  }

  /** JSON of any characters. */
  raw(text: string): void {
    this.reserve(text.length * 3);
    this.end += this.bytes.write(text, this.end, 'utf8');
  }

  copy(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  phrase(phrase: Phrase): void {
    const { pending } = this;
    if (pending === NOTHING) {
      this.pending = phrase;
      return;
    }
    const run = pending.then === phrase ? pending.run : this.runs.join(pending, phrase);
    if (run === null) {
      this.flush();
      this.pending = phrase;
    } else this.pending = run;
  }

  /** Writes the phrases that wait. */
  private flush(): void {
    const { pending } = this;
    if (pending === NOTHING) return;
    this.pending = NOTHING;
    const { length, words } = pending;
    this.reserve(length + WORD_SPARE);
    const { view, end: at } = this;
    for (let i = 0, to = at; i < words.length; i++, to += 8) view.setFloat64(to, words[i], true);
    this.tell(pending, at);
    this.end = at + length;
  }

  /** Tells where a phrase stands already that stands at `at` now. A run that is too far away, or that came only now, by what it is made of. */
  private tell(phrase: Phrase, at: number): void {
    const isKnown = phrase.text === this.text;
    if (isKnown && at - phrase.at <= MAX_DISTANCE) this.repeats.add(at, phrase.length, phrase.at);
    else if (phrase.front !== null && phrase.last !== null) {
      this.tell(phrase.front, at);
      this.tell(phrase.last, at + phrase.front.length);
    }
    if (!isKnown) phrase.text = this.text;
    phrase.at = at;
  }

  byte(code: number): void {
    this.reserve(1);
    this.bytes[this.end++] = code;
  }

  /** Takes back a byte that was written last. */
  back(): void {
    this.end--;
  }

  /** A string, quoted. */
  string(value: string): void {
    const { length } = value;
    if (length > SHORT) return NOT_PLAIN.test(value) ? this.raw(stringText(value)) : this.plain(value);
    this.reserve(length + 2);
    const { bytes } = this;
    let at = this.end;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return this.raw(stringText(value));
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.end = at;
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
    const at = this.length;
    if (this.timeAt >= 0 && low === this.timeLow && high === this.timeHigh) {
      // Of two times that records have each, the one in the same place; what is around it is the same there.
      this.repeat(this.sameAt >= 0 ? this.sameAt : this.timeAt, TIME_BYTES);
      this.sameAt = this.timeAt;
      this.timeAt = at;
      return;
    }
    const rest = this.second.cut(high, low);
    this.phrase(this.second.phrase);
    this.nanoseconds(rest);
    this.timeHigh = high;
    this.timeLow = low;
    this.timeAt = at;
    this.sameAt = -1;
  }

  /** Writes a time where room was left for it. */
  fillTime(at: number, high: number, low: number): void {
    this.flush();
    const { end } = this;
    const rest = this.second.cut(high, low);
    this.end = at;
    const { words } = this.second.phrase;
    for (let i = 0; i < words.length; i++) this.view.setFloat64(at + i * 8, words[i], true);
    this.end = at + this.second.phrase.length;
    this.nanoseconds(rest);
    this.end = end;
  }

  /** Nine digits and the end of a time. */
  private nanoseconds(count: number): void {
    this.reserve(11 + WORD_SPARE);
    const { view, end: at } = this;
    const thousands = (count / 1000) | 0;
    const millions = (thousands / 1000) | 0;
    view.setInt32(at, THREE_DIGITS[millions], true);
    view.setInt32(at + 3, THREE_DIGITS[thousands - millions * 1000], true);
    view.setInt32(at + 6, THREE_DIGITS[count - thousands * 1000], true);
    view.setInt16(at + 9, Z_QUOTE, true);
    this.end = at + 11;
  }

  /** Writes again what stands at `source`. */
  private repeat(source: number, length: number): void {
    this.reserve(length + WORD_SPARE);
    const { view, end: at } = this;
    for (let i = 0; i < length; i += 8) view.setFloat64(at + i, view.getFloat64(source + i, true), true);
    this.repeats.add(at, length, source);
    this.end = at + length;
  }

  /** Leaves room of so many bytes, and answers where. */
  leave(bytes: number): number {
    this.reserve(bytes);
    const at = this.end;
    this.end += bytes;
    return at;
  }

  /** The same for texts that are often like an earlier one but for some numbers: what they share with it is told. */
  textBytes(from: Uint8Array, view: DataView, start: number, end: number): boolean {
    if (!this.plainBytes(from, view, start, end)) return false;
    if (end - start < ALIKE_BYTES) return true;
    const at = this.end - (end - start);
    const slot = Math.imul(view.getInt32(start, true), 0x9e3779b1) >>> (32 - SLOT_BITS);
    const earlier = this.begun[slot] - 1;
    this.begun[slot] = at + 1;
    if (earlier >= 0) this.shared(earlier, at, this.end);
    return true;
  }

  /** Tells what the bytes from `at` to `end` share with those from `earlier`, word by word and to the byte. */
  private shared(earlier: number, at: number, end: number): void {
    const { view, repeats } = this;
    const distance = at - earlier;
    let begin = at;
    let i = at;
    for (; i + 4 <= end; i += 4) {
      const differing = view.getInt32(i, true) ^ view.getInt32(i - distance, true);
      if (differing === 0) continue;
      const alike = i + ((31 - Math.clz32(differing & -differing)) >>> 3);
      if (alike - begin >= ALIKE_BYTES) repeats.add(begin, alike - begin, begin - distance);
      begin = i + 4 - (Math.clz32(differing) >>> 3);
    }
    if (i - begin >= ALIKE_BYTES) repeats.add(begin, i - begin, begin - distance);
  }

  /** Bytes as they are in a string, without its quotes; false, and nothing written, where a character is to be escaped or takes more than a byte. */
  plainBytes(from: Uint8Array, view: DataView, start: number, end: number): boolean {
    this.reserve(end - start);
    let at = this.end;
    let i = start;
    const { view: out, bytes } = this;
    // Four at a time: no byte of 0x80 or more, below 0x20, 0x7f, a quote or a backslash.
    for (; i + 4 <= end; i += 4, at += 4) {
      const word = view.getInt32(i, true);
      if (((word | (word - 0x20202020) | (word + 0x01010101) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & HIGHEST) !== 0) return false;
      out.setInt32(at, word, true);
    }
    for (; i < end; i++) {
      const code = from[i];
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false;
      bytes[at++] = code;
    }
    this.end = at;
    return true;
  }

  /** Bytes in hex. */
  hex(from: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 2);
    const { view } = this;
    let at = this.end;
    for (let i = start; i < end; i++, at += 2) view.setUint16(at, HEX_PAIRS[from[i]], true);
    this.end = at;
  }

  /** Takes back what was written from there on. */
  rewind(length: number): void {
    this.flush();
    this.end = length;
    this.repeats.rewind(length);
    this.text = {};
    this.timeAt = this.sameAt = -1;
    this.begun.fill(0);
  }

  private plain(value: string): void {
    this.reserve(value.length + 2);
    this.bytes[this.end++] = QUOTE;
    this.end += this.bytes.write(value, this.end, 'latin1');
    this.bytes[this.end++] = QUOTE;
  }

  /** Room for so many bytes behind the phrases that wait. */
  private reserve(more: number): void {
    if (this.pending !== NOTHING) this.flush();
    if (this.end + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + more));
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
