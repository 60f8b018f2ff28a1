import { DurationError, parseGoDuration } from '../go/duration.js';
import { parseError } from './error.js';

/** Tokens with their text; `attribute` holds what follows a scope's dot, quotes resolved. */
export type Token = { readonly line: number; readonly column: number } & (
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'attribute'; readonly scope: string; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'duration'; readonly ns: bigint }
  | { readonly kind: 'end' }
);

const OPERATORS = ['!>>', '!<<', '&>>', '&<<', '!=', '=~', '!~', '>=', '<=', '&&', '||', '>>', '<<', '!>', '!<', '&~', '&>', '&<', '{', '}', '(', ')', ',', '=', '>', '<', '+', '-', '/', '%', '*', '^', '!', '|', '~'];

const SCOPES = ['parent.span.', 'parent.resource.', 'instrumentation.', 'resource.', 'parent.', 'event.', 'span.', 'link.', '.'];

/** Day, week and year as TraceQL has them from PromQL. */
const LONG_UNITS_NS: Readonly<Record<string, bigint>> = { d: 86_400_000_000_000n, w: 604_800_000_000_000n, y: 31_536_000_000_000_000n };

/** Splits a TraceQL query. Throws TraceQLError with line and column. */
export function lex(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  const fail = (message: string, position = at) => parseError(message, line, position - lineStart + 1);

  while (at < query.length) {
    const char = query[at] ?? '';
    if (/\s/.test(char)) {
      at++;
      if (char === '\n') {
        line++;
        lineStart = at;
      }
      continue;
    }
    const place = { line, column: at - lineStart + 1 };
    if (char === '"' || char === '`') {
      const { value, end } = readString(query, at, fail);
      tokens.push({ kind: 'string', value, ...place });
      at = end;
      continue;
    }
    const number = /^(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/.exec(query.slice(at))?.[0];
    if (number !== undefined) {
      const withUnits = /^[\d.nsumhµμdwy]+/.exec(query.slice(at))?.[0] ?? '';
      const ns = withUnits.length > number.length ? durationOf(withUnits) : undefined;
      if (ns !== undefined) tokens.push({ kind: 'duration', ns, ...place });
      else if (/^\d+$/.test(number)) tokens.push({ kind: 'integer', value: integerOf(number, fail), ...place });
      else tokens.push({ kind: 'float', value: Number(number), ...place });
      at += ns === undefined ? number.length : withUnits.length;
      continue;
    }
    const scope = SCOPES.find((candidate) => query.startsWith(candidate, at));
    if (scope !== undefined) {
      const { name, end } = readAttribute(query, at + scope.length, fail);
      if (name === '') throw fail('syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER', end);
      tokens.push({ kind: 'attribute', scope, name, ...place });
      at = end;
      continue;
    }
    const operator = OPERATORS.find((candidate) => query.startsWith(candidate, at));
    if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator, ...place });
      at += operator.length;
      continue;
    }
    const word = /^[\p{L}_][\p{L}\p{N}_]*(?::[\p{L}_][\p{L}\p{N}_]*)?/u.exec(query.slice(at))?.[0];
    if (word === undefined) throw fail(`syntax error: unexpected character ${JSON.stringify(String.fromCodePoint(query.codePointAt(at) ?? 0))}`);
    tokens.push({ kind: 'word', text: word, ...place });
    at += word.length;
  }
  tokens.push({ kind: 'end', line, column: at - lineStart + 1 });
  return tokens;
}

type Fail = (message: string, position?: number) => Error;

function readString(query: string, start: number, fail: Fail): { value: string; end: number } {
  const quote = query[start];
  let value = '';
  for (let i = start + 1; i < query.length; i++) {
    const char = query[i] ?? '';
    if (char === quote) return { value, end: i + 1 };
    if (quote === '"' && char === '\n') break;
    if (quote === '`' || char !== '\\') {
      value += char;
      continue;
    }
    const escaped = readEscape(query, i, fail);
    value += escaped.value;
    i = escaped.end - 1;
  }
  throw fail('literal not terminated', start);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', a: '\x07', b: '\b', f: '\f', v: '\v' };

function readEscape(query: string, start: number, fail: Fail): { value: string; end: number } {
  const char = query[start + 1] ?? '';
  const simple = ESCAPES[char];
  if (simple !== undefined) return { value: simple, end: start + 2 };
  const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(query.slice(start, start + 10));
  const code = parseInt(hex?.[1] ?? hex?.[2] ?? hex?.[3] ?? '', 16);
  if (hex === null || code > 0x10ffff) throw fail('invalid char escape', start);
  return { value: String.fromCodePoint(code), end: start + hex[0].length };
}

/** An attribute's name ends at white space and at what the language is made of; parts in quotes may hold anything. */
function readAttribute(query: string, start: number, fail: Fail): { name: string; end: number } {
  let name = '';
  let at = start;
  while (at < query.length) {
    const char = query[at] ?? '';
    if (/[\s{}()=~!<>&|^,]/.test(char)) break;
    at++;
    if (char !== '"') {
      name += char;
      continue;
    }
    let closed = false;
    for (; at < query.length && !closed; at++) {
      const quoted = query[at] ?? '';
      if (quoted === '"') closed = true;
      else if (quoted !== '\\') name += quoted;
      else {
        const next = query[++at] ?? '';
        if (next !== '"' && next !== '\\') throw fail('invalid escape sequence', at);
        name += next;
      }
    }
    if (!closed) throw fail('unexpected EOF, expecting "', at);
  }
  return { name, end: at };
}

function durationOf(text: string): bigint | undefined {
  const long = /^(\d+)([dwy])$/.exec(text);
  if (long !== null) return BigInt(long[1] ?? 0) * (LONG_UNITS_NS[long[2] ?? ''] ?? 0n);
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
}

function integerOf(text: string, fail: Fail): bigint {
  const value = text.length > 19 ? 1n << 63n : BigInt(text);
  if (value >= 1n << 63n) throw fail(`strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`);
  return value;
}
