/** The text is not logfmt; `position` counts from 1. */
export class LogfmtError extends Error {
  constructor(readonly reason: string, readonly position: number) {
    super(`${reason} at pos ${position}`);
  }
}

/** The pairs of one logfmt record: `a=1 b="x y" c`. Throws LogfmtError. */
export function parseLogfmt(text: string): [key: string, value: string][] {
  const pairs: [string, string][] = [];
  let at = 0;
  while (at < text.length) {
    if ((text[at] ?? '') <= ' ') {
      at++;
      continue;
    }
    const key = /^[^\s="]*/.exec(text.slice(at))?.[0] ?? '';
    at += key.length;
    const after = text[at] ?? ' ';
    if (key === '' || after === '"') throw new LogfmtError(`unexpected '${after}'`, at + 1);
    if (after !== '=') {
      pairs.push([key, '']);
      continue;
    }
    at++;
    if (text[at] === '"') {
      const quoted = /^"(?:[^"\\]|\\.)*"/s.exec(text.slice(at))?.[0];
      if (quoted === undefined) throw new LogfmtError('unterminated quoted value', text.length + 1);
      pairs.push([key, unquote(quoted, at)]);
      at += quoted.length;
      continue;
    }
    const value = /^[^\s="]*/.exec(text.slice(at))?.[0] ?? '';
    at += value.length;
    const end = text[at] ?? ' ';
    if (end === '=' || end === '"') throw new LogfmtError(`unexpected '${end}'`, at + 1);
    pairs.push([key, value]);
  }
  return pairs;
}

function unquote(quoted: string, at: number): string {
  try {
    return JSON.parse(quoted.replace(/[\u0000-\u001f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)) as string;
  } catch {
    throw new LogfmtError('invalid quoted value', at + 1);
  }
}
