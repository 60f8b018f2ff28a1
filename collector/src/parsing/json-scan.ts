/**
 * Reads a flat JSON object out of bytes without making objects of it: where its keys and values stand, and of which kind they
 * are. It answers false for what is rare (escapes, nesting, exponents, keys that stand twice…), which a full parser then reads.
 *
 * The bytes are known to be UTF-8. What it accepts means the same to `parseJson`.
 */
export const STRING = 0;
export const INT = 1;
export const DOUBLE = 2;
export const TRUE = 3;
export const FALSE = 4;
export const NULL = 5;

/** Lines with more fields are left to the full parser. */
const MAX_FIELDS = 64;
/** Numbers of so many digits are exact in a double, and so are their quotients by powers of ten (10^22 at most). */
const MAX_DIGITS = 15;
const POWERS = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 10 ** i);

export class JsonScan {
  fields = 0;
  readonly keyStart = new Int32Array(MAX_FIELDS);
  readonly keyEnd = new Int32Array(MAX_FIELDS);
  readonly keyHash = new Int32Array(MAX_FIELDS);
  readonly kind = new Int32Array(MAX_FIELDS);
  /** Of strings, without the quotes. */
  readonly valueStart = new Int32Array(MAX_FIELDS);
  readonly valueEnd = new Int32Array(MAX_FIELDS);
  /** Of INT and DOUBLE. */
  readonly number = new Float64Array(MAX_FIELDS);
  /** Of the bytes scanned last: lines come by the block. */
  view: DataView = new DataView(new ArrayBuffer(0));
  #bytes: Uint8Array | null = null;
  #number = 0;
  #isInt = false;

  scan(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const { view } = this;
    let pos = skipSpace(bytes, start, end);
    this.fields = 0;
    if (pos >= end || bytes[pos] !== 0x7b) return false;
    pos = skipSpace(bytes, pos + 1, end);
    for (let n = 0; n < MAX_FIELDS; n++) {
      if (pos >= end || bytes[pos] !== 0x22) return false;
      const keyStart = ++pos;
      let hash = 17;
      let code = 0;
      for (; pos < end && (code = bytes[pos]!) !== 0x22; pos++) {
        if (code === 0x5c || code < 0x20) return false;
        hash = (Math.imul(hash, 31) + code) | 0;
      }
      if (pos >= end) return false;
      for (let i = 0; i < n; i++) if (this.keyHash[i] === hash) return false;
      this.keyStart[n] = keyStart;
      this.keyEnd[n] = pos;
      this.keyHash[n] = hash;
      pos = skipSpace(bytes, pos + 1, end);
      if (pos >= end || bytes[pos] !== 0x3a) return false;
      pos = skipSpace(bytes, pos + 1, end);
      if (pos >= end) return false;
      code = bytes[pos]!;
      if (code === 0x22) {
        this.valueStart[n] = ++pos;
        pos = plainTo(view, pos, end);
        for (; pos < end && (code = bytes[pos]!) !== 0x22; pos++) if (code === 0x5c || code < 0x20) return false;
        if (pos >= end) return false;
        this.kind[n] = STRING;
        this.valueEnd[n] = pos++;
      } else if (code >= 0x30 && code <= 0x39) {
        this.valueStart[n] = pos;
        pos = this.#scanNumber(bytes, pos, end);
        if (pos < 0) return false;
        this.kind[n] = this.#isInt ? INT : DOUBLE;
        this.number[n] = this.#number;
        this.valueEnd[n] = pos;
      } else if (code === 0x74 && bytes[pos + 1] === 0x72 && bytes[pos + 2] === 0x75 && bytes[pos + 3] === 0x65) {
        this.kind[n] = TRUE;
        pos += 4;
      } else if (code === 0x66 && bytes[pos + 1] === 0x61 && bytes[pos + 2] === 0x6c && bytes[pos + 3] === 0x73 && bytes[pos + 4] === 0x65) {
        this.kind[n] = FALSE;
        pos += 5;
      } else if (code === 0x6e && bytes[pos + 1] === 0x75 && bytes[pos + 2] === 0x6c && bytes[pos + 3] === 0x6c) {
        this.kind[n] = NULL;
        pos += 4;
      } else return false;
      pos = skipSpace(bytes, pos, end);
      // A word that was read past the end of the line ends there too.
      if (pos >= end) return false;
      code = bytes[pos]!;
      if (code === 0x7d) {
        this.fields = n + 1;
        return skipSpace(bytes, pos + 1, end) === end;
      }
      if (code !== 0x2c) return false;
      pos = skipSpace(bytes, pos + 1, end);
    }
    return false;
  }

  /** Answers the place behind the number, or -1. */
  #scanNumber(bytes: Uint8Array, start: number, end: number): number {
    let pos = start;
    let value = 0;
    let code = 0;
    while (pos < end && (code = bytes[pos]!) >= 0x30 && code <= 0x39) {
      value = value * 10 + code - 0x30;
      pos++;
    }
    if (pos - start > 1 && bytes[start] === 0x30) return -1;
    this.#isInt = true;
    let digits = pos - start;
    if (pos < end && code === 0x2e) {
      const fraction = ++pos;
      while (pos < end && (code = bytes[pos]!) >= 0x30 && code <= 0x39) {
        value = value * 10 + code - 0x30;
        pos++;
      }
      const places = pos - fraction;
      digits += places;
      if (places === 0 || digits > MAX_DIGITS) return -1;
      value /= POWERS[places]!;
      this.#isInt = false;
    }
    if (digits > MAX_DIGITS || (pos < end && (code === 0x65 || code === 0x45))) return -1;
    this.#number = value;
    return pos;
  }
}

/** The place behind the words of four bytes from `pos` that hold no quote, no backslash and no control character. */
function plainTo(view: DataView, pos: number, end: number): number {
  for (; pos + 4 <= end; pos += 4) {
    const word = view.getInt32(pos, true);
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    // The highest bit of a byte is set where it is zero, or below a blank; in a word that has none of them, nowhere.
    if (((((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | ((word - 0x20202020) & ~word)) & 0x80808080) !== 0) break;
  }
  return pos;
}

function skipSpace(bytes: Uint8Array, pos: number, end: number): number {
  while (pos < end) {
    const code = bytes[pos]!;
    if (code > 0x20 || (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a)) break;
    pos++;
  }
  return pos;
}

/** The same hash of a key as `scan` makes. */
export function hashOfKey(key: string): number {
  let hash = 17;
  for (const byte of Buffer.from(key)) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}
