import { syntaxError } from './error.js';

export interface Token {
  readonly kind: 'identifier' | 'string' | 'number' | 'range' | 'operator' | 'keyword' | 'end';
  /** The text; of a string its value. */
  readonly text: string;
  readonly offset: number;
}

const OPERATORS = ['==', '=~', '!=', '!~', '!>', '|=', '|~', '|>', '>=', '<=', '{', '}', '(', ')', ',', '.', '=', '|', '+', '-', '*', '/', '%', '^', '>', '<'];

/** Words that are no label names. */
const KEYWORDS = new Set([
  'by', 'without', 'bool', 'offset', 'on', 'ignoring', 'group_left', 'group_right', 'or', 'and', 'unless',
  'json', 'regexp', 'logfmt', 'unpack', 'pattern', 'label_format', 'line_format', 'unwrap', 'decolorize', 'drop', 'keep', 'variants', 'of', 'label_replace',
]);

/** Splits a LogQL query. Throws LogQLError. */
export function lex(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const char = query[at] ?? '';
    if (/\s/.test(char)) {
      at++;
    } else if (char === '#') {
      const newline = query.indexOf('\n', at);
      at = newline < 0 ? query.length : newline;
    } else if (char === '"' || char === '`') {
      const { value, end } = readString(query, at);
      tokens.push({ kind: 'string', text: value, offset: at });
      at = end;
    } else if (char === "'") {
      throw syntaxError('invalid char literal', query, at);
    } else if (char === '[') {
      const end = query.indexOf(']', at);
      if (end < 0) throw syntaxError("missing closing ']' in duration", query, at);
      tokens.push({ kind: 'range', text: query.slice(at + 1, end), offset: at });
      at = end + 1;
    } else {
      const token = word(query, at) ?? operator(query, at);
      tokens.push(token);
      at += token.text.length;
    }
  }
  tokens.push({ kind: 'end', text: '', offset: query.length });
  return tokens;
}

const WORD = /[\p{L}_][\p{L}\p{N}_]*|\d[\d.]*(?:[eE][+-]?\d+)?[\p{L}]*/uy;

function word(query: string, offset: number): Token | null {
  WORD.lastIndex = offset;
  const text = WORD.exec(query)?.[0];
  if (text === undefined) return null;
  if (/^\d/.test(text)) return { kind: 'number', text, offset };
  return { kind: KEYWORDS.has(text.toLowerCase()) ? 'keyword' : 'identifier', text, offset };
}

function operator(query: string, offset: number): Token {
  const text = OPERATORS.find((candidate) => query.startsWith(candidate, offset));
  if (text === undefined) throw syntaxError(`syntax error: unexpected character ${JSON.stringify(String.fromCodePoint(query.codePointAt(offset) ?? 0))}`, query, offset);
  return { kind: 'operator', text, offset };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', a: '\x07', b: '\b', f: '\f', v: '\v', "'": "'" };
const CODE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})/y;

function readString(query: string, start: number): { value: string; end: number } {
  const quote = query[start];
  const plain = quote === '`' ? /[^`]*/y : /[^"\\\n]*/y;
  let value = '';
  let at = start + 1;
  for (;;) {
    plain.lastIndex = at;
    const run = plain.exec(query)?.[0] ?? '';
    value += run;
    at += run.length;
    const char = query[at];
    if (char === quote) return { value, end: at + 1 };
    if (char !== '\\') throw syntaxError('literal not terminated', query, start);
    const simple = ESCAPES[query[at + 1] ?? ''];
    if (simple !== undefined) {
      value += simple;
      at += 2;
      continue;
    }
    CODE.lastIndex = at + 1;
    const code = CODE.exec(query);
    const point = code === null ? NaN : code[4] === undefined ? parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16) : parseInt(code[4], 8);
    if (code === null || point > 0x10ffff) throw syntaxError(query[at + 1] === undefined ? 'literal not terminated' : 'invalid char escape', query, start);
    value += String.fromCodePoint(point);
    at += 1 + code[0].length;
  }
}
