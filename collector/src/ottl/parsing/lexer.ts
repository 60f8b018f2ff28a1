import { OttlError } from '../error.js';

export type TokenKind = 'name' | 'string' | 'int' | 'float' | 'bytes' | 'compare' | 'math' | 'punctuation' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Of a string what it says, without quotes and escapes; of anything else as written. */
  readonly text: string;
  readonly offset: number;
}

/** Statements are written by people; longer ones are something else. */
const MAX_LENGTH = 65_536;

const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['bytes', /0x[0-9a-fA-F]*/y],
  ['float', /\d*\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+/y],
  ['int', /\d+/y],
  ['name', /[A-Za-z][A-Za-z0-9_]*/y],
  ['compare', /==|!=|>=|<=|>|</y],
  ['math', /[-+*/]/y],
  ['punctuation', /[=(){}:,.[\]]/y],
];
const SPACE = /\s*/y;

/** Tokens of an OTTL statement or condition, with an `end` behind them. @throws OttlError */
export function tokenize(statement: string): readonly Token[] {
  if (statement.length > MAX_LENGTH) throw new OttlError(statement, MAX_LENGTH, `The statement has ${statement.length} characters, more than ${MAX_LENGTH}`);
  const tokens: Token[] = [];
  let at = skipSpace(statement, 0);
  while (at < statement.length) {
    const token = statement[at] === '"' ? readString(statement, at) : readPlain(statement, at, tokens.at(-1));
    tokens.push(token.token);
    at = skipSpace(statement, token.end);
  }
  tokens.push({ kind: 'end', text: '', offset: statement.length });
  return tokens;
}

function skipSpace(statement: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(statement);
  return SPACE.lastIndex;
}

function readPlain(statement: string, at: number, previous: Token | undefined): { token: Token; end: number } {
  const signed = (statement[at] === '-' || statement[at] === '+') && /[\d.]/.test(statement[at + 1] ?? '') && !endsValue(previous);
  const start = signed ? at + 1 : at;
  for (const [kind, rule] of RULES) {
    rule.lastIndex = start;
    const match = rule.exec(statement);
    if (!match) continue;
    const end = rule.lastIndex;
    if (kind === 'bytes' && match[0].length % 2 !== 0) throw new OttlError(statement, at, 'Bytes are written with two hexadecimal digits each, such as 0x0a1b');
    return { token: { kind, text: statement.slice(at, end), offset: at }, end };
  }
  const found = statement[at];
  if (found === "'" || found === '`') throw new OttlError(statement, at, 'Text stands in double quotes: "…"');
  if (found === '&' || found === '|') throw new OttlError(statement, at, "Conditions are joined by the words 'and' and 'or'");
  if (found === '!') throw new OttlError(statement, at, "A condition is negated by the word 'not'");
  throw new OttlError(statement, at, `Unexpected character ${JSON.stringify(found)}`);
}

/** Behind a value a sign is an operator; anywhere else it belongs to the number. */
function endsValue(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === 'punctuation') return token.text === ')' || token.text === ']';
  if (token.kind === 'name') return !/^(?:and|or|not|where)$/.test(token.text);
  return token.kind !== 'compare' && token.kind !== 'math';
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', a: '\u0007', '"': '"', '\\': '\\', "'": "'" };

function readString(statement: string, at: number): { token: Token; end: number } {
  let text = '';
  for (let i = at + 1; i < statement.length; i++) {
    const c = statement[i];
    if (c === '"') return { token: { kind: 'string', text, offset: at }, end: i + 1 };
    if (c !== '\\') {
      text += c;
      continue;
    }
    const escaped = statement[++i] ?? '';
    const code = /^(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/.exec(statement.slice(i, i + 5));
    if (code) {
      text += String.fromCharCode(parseInt(code[0].slice(1), 16));
      i += code[0].length - 1;
    } else {
      // What is no escape stays as written, so that patterns may say "\d" as well as "\\d".
      text += ESCAPES[escaped] ?? `\\${escaped}`;
    }
  }
  throw new OttlError(statement, at, 'The text that begins here has no closing "');
}
