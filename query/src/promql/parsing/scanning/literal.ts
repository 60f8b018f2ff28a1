import { goQuote } from '../../../go/strconv.js';
import { parsePrometheusDuration } from '../../durations/duration.js';

/** A literal that Go refuses; the text is Prometheus' own. */
export class LiteralError extends Error {}

/** A number as PromQL writes it: decimal, hexadecimal, octal (leading zero), Inf, NaN, or a duration in seconds. */
export function numberOf(text: string): { value: number; duration: boolean } {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '').trim();
  const sign = negative ? -1 : 1;
  if (/^inf$/i.test(body)) return { value: sign * Infinity, duration: false };
  if (/^nan$/i.test(body)) return { value: NaN, duration: false };
  if (/^[\d.][^]*[ywdhms]$/.test(body) && !/^0x/i.test(body)) return { value: (sign * parsePrometheusDuration(body)) / 1000, duration: true };
  const value = plainNumber(body);
  if (Number.isNaN(value)) throw new LiteralError(`error parsing number: strconv.ParseFloat: parsing ${goQuote(body)}: invalid syntax`);
  if (!Number.isFinite(value)) throw new LiteralError(`error parsing number: strconv.ParseFloat: parsing ${goQuote(body)}: value out of range`);
  return { value: sign * value, duration: false };
}

/** NaN where Go would not read it. Underscores stand between digits. */
function plainNumber(text: string): number {
  const plain = text.replace(/(?<=[0-9a-fx])_(?=[0-9a-f])/gi, '');
  if (/^0x[0-9a-f]+$/i.test(plain)) return Number(plain);
  if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' };
const CODE = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/;

/** The value of a string in quotes of any kind. Throws LiteralError. */
export function stringOf(quoted: string): string {
  const body = quoted.slice(1, -1);
  if (quoted.startsWith('`') || !body.includes('\\')) return body;
  let value = '';
  // Bytes that are written one by one may together be one character of UTF-8.
  let bytes: number[] = [];
  const flush = () => {
    value += Buffer.from(bytes).toString('utf8');
    bytes = [];
  };
  for (let i = 0; i < body.length;) {
    const char = body[i] ?? '';
    if (char !== '\\') {
      flush();
      value += char;
      i++;
      continue;
    }
    const next = body[i + 1] ?? '';
    const simple = ESCAPES[next];
    const code = CODE.exec(body.slice(i + 1, i + 10));
    if (simple !== undefined && Object.hasOwn(ESCAPES, next)) {
      flush();
      value += simple;
      i += 2;
    } else if (code !== null) {
      const byte = code[1] !== undefined ? parseInt(code[1], 16) : code[4] !== undefined ? parseInt(code[4], 8) : null;
      const point = parseInt(code[2] ?? code[3] ?? '0', 16);
      if (point > 0x10ffff || (byte ?? 0) > 0xff) throw new LiteralError('escape sequence is an invalid Unicode code point');
      if (byte !== null) bytes.push(byte);
      else {
        flush();
        value += String.fromCodePoint(point);
      }
      i += 1 + code[0].length;
    } else {
      const point = next.codePointAt(0) ?? 0;
      throw new LiteralError(`unknown escape sequence U+${point.toString(16).toUpperCase().padStart(4, '0')} '${next}'`);
    }
  }
  flush();
  return value;
}
