const ZERO = 0x30;
const NINE = 0x39;
/** So many digits are a whole number that a double holds. */
const MAX_DIGITS = 15;
/** Powers of ten that a double holds exactly: one division or multiplication by them rounds as it should. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Reads the numbers that targets write most, out of bytes, to the last bit as Number() does. */
export class DecimalReader {
  /** What was read. */
  value = 0;

  /** The place behind the number at `from`, or -1: another form of a number, one of too many digits, or none. */
  read(bytes: Uint8Array, from: number): number {
    let at = from;
    let code = bytes[at]!;
    const negative = code === 0x2d;
    if (negative) code = bytes[++at]!;
    let digits = at;
    let mantissa = 0;
    for (; code >= ZERO && code <= NINE; code = bytes[++at]!) mantissa = mantissa * 10 + (code - ZERO);
    digits = at - digits;
    let scale = 0;
    if (code === 0x2e) {
      const point = at + 1;
      for (code = bytes[++at]!; code >= ZERO && code <= NINE; code = bytes[++at]!) mantissa = mantissa * 10 + (code - ZERO);
      scale = at - point;
      digits += scale;
    }
    if (digits === 0 || digits > MAX_DIGITS) return -1;
    if (code === 0x65 || code === 0x45) {
      code = bytes[++at]!;
      const down = code === 0x2d;
      if (down || code === 0x2b) code = bytes[++at]!;
      const first = at;
      let exponent = 0;
      for (; code >= ZERO && code <= NINE && at - first < 3; code = bytes[++at]!) exponent = exponent * 10 + (code - ZERO);
      if (at === first) return -1;
      scale += down ? exponent : -exponent;
    }
    if (scale >= POWERS.length || -scale >= POWERS.length) return -1;
    const value = scale === 0 ? mantissa : scale > 0 ? mantissa / POWERS[scale]! : mantissa * POWERS[-scale]!;
    this.value = negative ? -value : value;
    return at;
  }
}
