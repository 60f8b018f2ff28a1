const ESCAPES: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' };

/** A text in Go's quotes (", ' or `) that begins at `from`; null where there is none. */
export function quotedValue(text: string, from: number): { readonly value: string; readonly next: number } | null {
  const quote = text.charAt(from);
  if (quote === '`') {
    const end = text.indexOf('`', from + 1);
    return end < 0 ? null : { value: text.slice(from + 1, end), next: end + 1 };
  }
  if (quote !== '"' && quote !== "'") return null;
  let value = '';
  for (let i = from + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === quote) return { value, next: i + 1 };
    if (char === '\n') return null;
    if (char !== '\\') {
      value += char;
      continue;
    }
    const kind = text.charAt(++i);
    const simple = ESCAPES[kind];
    if (simple !== undefined) {
      value += simple;
      continue;
    }
    const digits = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
    const hex = text.slice(i + 1, i + 1 + digits);
    const code = digits > 0 && /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : -1;
    if (code < 0 || code > 0x10ffff) return null;
    value += String.fromCodePoint(code);
    i += digits;
  }
  return null;
}
