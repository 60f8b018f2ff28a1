import { isUtf8 } from 'node:buffer';
import { WireReader } from '../protobuf/wire.js';
import { coverPassword } from './embedded-password.js';
import { COVER_ALL, COVER_NOTHING, COVER_PASSWORD } from './secret-keys.js';
import type { Cover, SecretKeys } from './secret-keys.js';

/** An item that the request's sender is told of by partial success. */
export interface RejectedItem {
  /** From 0, in document order. */
  readonly ordinal: number;
  readonly reason: string;
}

export interface ScanLimits {
  readonly maxDepth: number;
  readonly maxAttributesPerItem: number;
  readonly maxItems: number;
  readonly maxRejected: number;
}

const STAR = 0x2a;
/** From here on the native UTF-8 check is faster than looking at the words. */
const NATIVE_CHECK_BYTES = 256;

/**
 * Walks a request without making objects of it. What the signals have in common: strings, attributes with their
 * secrets, and the count of items. Every byte is visited a fixed number of times, however it is nested.
 */
export class Scanner extends WireReader {
  items = 0;
  readonly rejected: RejectedItem[] = [];
  /** Key-value pairs since this was set to 0. */
  attributes = 0;

  constructor(bytes: Uint8Array, private readonly secrets: SecretKeys, readonly limits: ScanLimits) {
    super(bytes);
  }

  /** Takes the ordinal of an item that begins. */
  beginItem(): number {
    if (this.items >= this.limits.maxItems) this.fail(`request of more than ${this.limits.maxItems} items; send smaller batches`);
    this.attributes = 0;
    return this.items++;
  }

  /** Closes an item; `reason` says why it is of no use, or is null. */
  endItem(ordinal: number, reason: string | null): void {
    if (reason !== null) this.reject(ordinal, reason);
    else if (this.attributes > this.limits.maxAttributesPerItem) this.reject(ordinal, this.tooManyAttributes());
  }

  tooManyAttributes(): string {
    return `more than ${this.limits.maxAttributesPerItem} attributes`;
  }

  private reject(ordinal: number, reason: string): void {
    if (this.rejected.length >= this.limits.maxRejected) {
      this.fail(`more than ${this.limits.maxRejected} unusable items, the first one for: ${this.rejected[0]?.reason ?? reason}`);
    }
    this.rejected.push({ ordinal, reason });
  }

  /** Rejects all items from ordinal `first` to the one read last. */
  rejectFrom(first: number, reason: string): void {
    while (this.rejected.length > 0 && this.rejected[this.rejected.length - 1].ordinal >= first) this.rejected.pop();
    for (let ordinal = first; ordinal < this.items; ordinal++) this.reject(ordinal, reason);
  }

  string(end: number): void {
    const limit = this.limit(end);
    this.checkUtf8(this.pos, limit);
    this.pos = limit;
  }

  private checkUtf8(start: number, limit: number): void {
    const length = limit - start;
    if (length < NATIVE_CHECK_BYTES) {
      let all = 0;
      if (length >= 4) {
        const view = this.view;
        for (let i = start; i < limit - 4; i += 4) all |= view.getInt32(i, true);
        all |= view.getInt32(limit - 4, true);
      } else {
        for (let i = start; i < limit; i++) all |= this.bytes[i];
      }
      if ((all & 0x80808080) === 0) return;
    }
    if (!isUtf8(this.bytes.subarray(start, limit))) this.fail('string is not valid UTF-8', start);
  }

  /** Passes over an id and says what is wrong with it, or null. */
  requiredId(end: number, size: 8 | 16, absent: string, zeros: string, wrongLength: string): string | null {
    const limit = this.limit(end);
    const start = this.pos;
    this.pos = limit;
    if (limit - start !== size) return limit === start ? absent : wrongLength;
    const view = this.view;
    let any = view.getInt32(start, true) | view.getInt32(start + 4, true);
    if (size === 16) any |= view.getInt32(start + 8, true) | view.getInt32(start + 12, true);
    return any === 0 ? zeros : null;
  }

  /** An id that may be absent (or zeros, which is the same); says whether its length is right. */
  optionalId(end: number, size: 8 | 16): boolean {
    const limit = this.limit(end);
    const length = limit - this.pos;
    this.pos = limit;
    return length === size || length === 0;
  }

  /** A KeyValue. `cover` is what a key above it demands. */
  keyValue(end: number, depth: number, cover: Cover): void {
    this.attributes++;
    const bytes = this.bytes;
    const start = this.pos;
    // As everybody writes it: a key, then a value, and nothing else.
    if (start < end && bytes[start] === 10) {
      this.pos = start + 1;
      const keyEnd = this.limit(end);
      const keyStart = this.pos;
      if (keyEnd < end && bytes[keyEnd] === 18) {
        this.pos = keyEnd + 1;
        if (this.limit(end) === end) {
          this.checkUtf8(keyStart, keyEnd);
          this.value(end, depth, cover === COVER_ALL ? cover : this.coverOf(keyStart, keyEnd, cover));
          return;
        }
      }
    }
    this.pos = start;
    this.unusualKeyValue(end, depth, cover);
  }

  private coverOf(keyStart: number, keyEnd: number, above: Cover): Cover {
    const own = this.secrets.coverOf(this.bytes, keyStart, keyEnd);
    return own === COVER_NOTHING ? above : own;
  }

  /** A KeyValue with fields in another order, repeated, missing or unknown: the last key counts, for all values. */
  private unusualKeyValue(end: number, depth: number, above: Cover): void {
    const start = this.pos;
    let cover: Cover = above;
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag !== 10) {
        this.skip(tag, end);
        continue;
      }
      const keyEnd = this.limit(end);
      this.checkUtf8(this.pos, keyEnd);
      cover = above === COVER_ALL ? above : this.coverOf(this.pos, keyEnd, above);
      this.pos = keyEnd;
    }
    this.pos = start;
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag === 18) this.value(this.limit(end), depth, cover);
      else this.skip(tag, end);
    }
  }

  /** An AnyValue, up to `end`. */
  value(end: number, depth: number, cover: Cover): void {
    while (this.pos < end) {
      const tag = this.tag(end);
      switch (tag) {
        case 10: { // string_value
          const limit = this.limit(end);
          this.checkUtf8(this.pos, limit);
          if (cover !== COVER_NOTHING) this.cover(limit, cover);
          this.pos = limit;
          break;
        }
        case 16: // bool_value
        case 24: // int_value
          this.varint(end);
          break;
        case 33: // double_value
          this.skipFixed(8, end);
          break;
        case 42: // array_value
          this.nested(this.limit(end), depth + 1, cover, false);
          break;
        case 50: // kvlist_value
          this.nested(this.limit(end), depth + 1, cover, true);
          break;
        case 58: { // bytes_value
          const limit = this.limit(end);
          if (cover === COVER_ALL) this.cover(limit, cover);
          this.pos = limit;
          break;
        }
        default:
          this.skip(tag, end);
      }
    }
  }

  private nested(end: number, depth: number, cover: Cover, keyed: boolean): void {
    if (depth > this.limits.maxDepth) this.fail(`value nested deeper than ${this.limits.maxDepth}`);
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag !== 10) this.skip(tag, end);
      else if (keyed) this.keyValue(this.limit(end), depth, cover);
      else this.value(this.limit(end), depth, cover);
    }
  }

  private cover(limit: number, cover: Cover): void {
    if (cover === COVER_PASSWORD) coverPassword(this.bytes, this.pos, limit);
    else this.bytes.fill(STAR, this.pos, limit);
  }

  /** A Resource or an InstrumentationScope up to `end`; answers how many key-value pairs it holds. */
  attributesOf(end: number, attributesTag: 10 | 26): number {
    const strings = attributesTag === 26; // a scope has name 1 and version 2
    this.attributes = 0;
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag === attributesTag) this.keyValue(this.limit(end), 0, COVER_NOTHING);
      else if (strings && (tag === 10 || tag === 18)) this.string(end);
      else this.skip(tag, end);
    }
    return this.attributes;
  }
}
