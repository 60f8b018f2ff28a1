/** Numbers as Go's strconv reads them, with its error texts: what the original APIs answer to a bad parameter. */

export class NumberError extends Error {}

/** strconv.ParseInt(text, 10, bits). Throws NumberError. */
export function parseGoInt(text: string, bits: 32 | 64 = 64, name = 'ParseInt'): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new NumberError(`strconv.${name}: parsing ${goQuote(text)}: invalid syntax`);
  const limit = 1n << BigInt(bits - 1);
  if (text.length > 40) throw new NumberError(`strconv.${name}: parsing ${goQuote(text)}: value out of range`);
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (value >= limit || value < -limit) throw new NumberError(`strconv.${name}: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** strconv.ParseUint(text, 10, bits). Throws NumberError. */
export function parseGoUint(text: string, bits: 32 | 64 = 64): bigint {
  if (!/^\d+$/.test(text)) throw new NumberError(`strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`);
  const value = text.length > 40 ? 1n << 64n : BigInt(text);
  if (value >= 1n << BigInt(bits)) throw new NumberError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** strconv.ParseFloat. Throws NumberError. */
export function parseGoFloat(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return NaN;
    return special[1] === '-' ? -Infinity : Infinity;
  }
  // An underscore may stand between two digits.
  const plain = text.replace(/(?<=[0-9a-f])_(?=[0-9a-f])/gi, '');
  const hexadecimal = /^([+-]?)0x_?([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i.exec(plain);
  const isHexadecimal = hexadecimal !== null && `${hexadecimal[2]}${hexadecimal[3]}` !== '';
  if (!isHexadecimal && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) throw new NumberError(`strconv.ParseFloat: parsing ${goQuote(text)}: invalid syntax`);
  const value = isHexadecimal ? hexadecimalFloat(hexadecimal) : Number(plain);
  if (!Number.isFinite(value)) throw new NumberError(`strconv.ParseFloat: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** `0x1.8p3` is 12; the exponent is one of two. */
function hexadecimalFloat([, sign, whole = '', fraction = '', exponent]: RegExpExecArray): number {
  const mantissa = Number(`0x${whole}${fraction}`) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -mantissa : mantissa;
}

/** strconv.ParseBool. Throws NumberError. */
export function parseGoBool(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new NumberError(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`);
}

const SHORT: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** strconv.Quote. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const hex = (digits: number): string => code.toString(16).padStart(digits, '0');
    out += SHORT[char] ?? (PRINTABLE.test(char) ? char : code < 0x80 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
  }
  return `${out}"`;
}
