/** Where a quoted text ends, or what is wrong with it, in Prometheus' words (promql/parser/lex.go). */
export type ScannedString = { readonly end: number } | { readonly error: string };

const SIMPLE = new Set(['a', 'b', 'f', 'n', 'r', 't', 'v', '\\']);
const MAX_CODE_POINT = 0x10ffff;

/** `start` is the place of the opening quote: `"`, `'` or a backquote. */
export function scanString(query: string, start: number): ScannedString {
  const quote = query[start] ?? '';
  const raw = quote === '`';
  for (let at = start + 1; at < query.length;) {
    const char = query[at];
    if (char === quote) return { end: at + 1 };
    if (!raw && char === '\n') break;
    if (raw || char !== '\\') {
      at++;
      continue;
    }
    const escape = scanEscape(query, at + 1, quote);
    if ('error' in escape) return escape;
    at = escape.end;
  }
  return { error: raw ? 'unterminated raw string' : 'unterminated quoted string' };
}

/** What follows a backslash. */
function scanEscape(query: string, start: number, quote: string): ScannedString {
  const char = characterAt(query, start);
  if (char === '') return { error: 'escape sequence not terminated' };
  if (SIMPLE.has(char) || char === quote) return { end: start + 1 };
  if (/[0-7]/.test(char)) return digits(query, start, 3, 8, 0xff);
  switch (char) {
    case 'x': return digits(query, start + 1, 2, 16, 0xff);
    case 'u': return digits(query, start + 1, 4, 16, MAX_CODE_POINT);
    case 'U': return digits(query, start + 1, 8, 16, MAX_CODE_POINT);
    default: return { error: `unknown escape sequence ${runeText(char)}` };
  }
}

function digits(query: string, start: number, count: number, base: 8 | 16, most: number): ScannedString {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const char = characterAt(query, at);
    if (char === '') return { error: 'escape sequence not terminated' };
    const digit = /^[0-9a-fA-F]$/.test(char) ? parseInt(char, 16) : base;
    if (digit >= base) return { error: `illegal character ${runeText(char)} in escape sequence` };
    value = value * base + digit;
  }
  const surrogate = value >= 0xd800 && value < 0xe000;
  return value > most || surrogate ? { error: 'escape sequence is an invalid Unicode code point' } : { end: start + count };
}

function characterAt(query: string, at: number): string {
  const code = query.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** As Go's %#U writes a character: `U+0071 'q'`; without it where it cannot be printed. */
function runeText(char: string): string {
  const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char) ? `${code} '${char}'` : code;
}
