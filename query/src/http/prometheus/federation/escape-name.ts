/** How names with characters that older scrapers do not know are written: Prometheus' `escaping` parameter of Accept. */
const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type Escaping = (typeof ESCAPINGS)[number];

export function isEscaping(text: string): text is Escaping {
  return ESCAPINGS.some((escaping) => escaping === text);
}

/** A name that needs neither quotes nor escaping. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

export function escapeName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8' || (isPlainName(name) && escaping !== 'dots')) return name;
  const valid = (char: string, i: number) => (i === 0 ? /[a-zA-Z_:]/ : /[a-zA-Z0-9_:]/).test(char);
  const chars = [...name];
  switch (escaping) {
    case 'underscores': return chars.map((char, i) => (valid(char, i) ? char : '_')).join('');
    case 'dots': return chars.map((char, i) => (char === '_' ? '__' : char === '.' ? '_dot_' : valid(char, i) ? char : '__')).join('');
    case 'values': return `U__${chars.map((char, i) => (char === '_' ? '__' : valid(char, i) ? char : `_${(char.codePointAt(0) ?? 0).toString(16)}_`)).join('')}`;
  }
}

const ESCAPED_TEXT = /^(?:[^_]|__|_[0-9a-fA-F]{1,6}_)*$/;
const ESCAPED = /_(?:_|([0-9a-fA-F]{1,6})_)/g;

/** A label name of a path: `U__` begins one whose other characters are escaped as `_2e_`. Left as it is where that does not hold. */
export function unescapeName(name: string): string {
  const text = name.startsWith('U__') ? name.slice(3) : null;
  if (text === null || !ESCAPED_TEXT.test(text)) return name;
  const points = [...text.matchAll(ESCAPED)].flatMap(([, hex]) => (hex === undefined ? [] : [parseInt(hex, 16)]));
  if (points.some((point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))) return name;
  return text.replace(ESCAPED, (_, hex?: string) => (hex === undefined ? '_' : String.fromCodePoint(parseInt(hex, 16))));
}
