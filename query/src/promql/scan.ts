/**
 * A scan of a query's characters, for its errors: the grammar of `@prometheus-io/lezer-promql` is made for editors, it
 * repairs what is wrong and does not say what was. This says it in Prometheus' words (promql/parser/lex.go).
 */
import { goQuote } from '../go/strconv.js';
import { scanString } from './scan-string.js';

export interface Token {
  readonly start: number;
  readonly end: number;
  /** As an error names it: `identifier "x"`, `<op:+>`. */
  readonly description: string;
}

export interface Scan {
  readonly tokens: readonly Token[];
  /** The first thing that is no token. */
  readonly error: { readonly offset: number; readonly message: string } | null;
}

const AGGREGATOR = /^(sum|avg|count|min|max|group|stddev|stdvar|topk|bottomk|count_values|quantile|limitk|limit_ratio)$/i;
const KEYWORD = /^(offset|smoothed|anchored|by|without|on|ignoring|group_left|group_right|bool|fill|fill_left|fill_right)$/i;
const WORD_OPERATOR = /^(and|or|unless|atan2)$/i;

const NUMBER = /(?:0[xX][0-9a-fA-F]*|\d+(?:_\d+)*(?:\.\d*(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?|\.\d+(?:_\d+)*(?:[eE][+-]?\d+)?)/y;
const DURATION = /(?:\d+(?:ms|[ywdhms]))+/y;
const WORD = /[\p{L}_:][\p{L}\p{N}_:]*/uy;
const ASCII_WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const LABEL = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPACE = /[ \t\n\r]+/y;

export function scan(query: string): Scan {
  const tokens: Token[] = [];
  let parens = 0;
  let brace = false;
  let bracket = false;
  let at = 0;

  const fail = (offset: number, message: string): Scan => ({ tokens, error: { offset, message } });
  const push = (end: number, description: string) => {
    tokens.push({ start: at, end, description });
    at = end;
  };

  while (at < query.length) {
    const char = query[at] ?? '';
    const space = match(SPACE, query, at);
    if (space !== '') {
      at += space.length;
      continue;
    }
    if (char === '#') {
      const newline = query.indexOf('\n', at);
      at = newline < 0 ? query.length : newline;
      continue;
    }
    if (char === '"' || char === "'" || char === '`') {
      const scanned = scanString(query, at);
      if ('error' in scanned) return fail(at, scanned.error);
      push(scanned.end, `string ${goQuote(query.slice(at, scanned.end))}`);
      continue;
    }
    if (brace) {
      const label = match(LABEL, query, at);
      const operator = /^(?:=~|!~|!=|=)/.exec(query.slice(at, at + 2))?.[0];
      if (label !== '') push(at + label.length, `identifier "${label}"`);
      else if (operator !== undefined) push(at + operator.length, operator === '=' ? '"="' : `<op:${operator}>`);
      else if (char === ',') push(at + 1, '","');
      else if (char === '}') {
        brace = false;
        push(at + 1, '"}"');
      } else if (char === '!') return fail(at, `unexpected character after '!' inside braces: ${quoteRune(query, at + 1)}`);
      else if (char === '{') return fail(at, "unexpected left brace '{'");
      else return fail(at, `unexpected character inside braces: ${quoteRune(query, at)}`);
      continue;
    }
    const number = numberToken(query, at);
    if (number !== null) {
      if (number.message !== undefined) return fail(at, number.message);
      push(at + number.text.length, `${number.duration ? 'duration' : 'number'} "${number.text}"`);
      continue;
    }
    const word = match(ASCII_WORD, query, at);
    if (word !== '') {
      push(at + word.length, wordDescription(word));
      continue;
    }
    switch (char) {
      case '(':
        parens++;
        push(at + 1, '"("');
        continue;
      case ')':
        if (--parens < 0) return fail(at + 1, "unexpected right parenthesis ')'");
        push(at + 1, '")"');
        continue;
      case '{':
        brace = true;
        push(at + 1, '"{"');
        continue;
      case '[':
        if (bracket) return fail(at + 1, "unexpected left bracket '['");
        bracket = true;
        if (/^\s*$/.test(query.slice(at + 1))) return fail(query.length, 'unexpected end of input in duration expression');
        push(at + 1, '"["');
        continue;
      case ']':
        if (!bracket) return fail(at, "unexpected right bracket ']'");
        bracket = false;
        push(at + 1, '"]"');
        continue;
      case ',':
      case '@':
        push(at + 1, char === '@' ? '<op:@>' : '","');
        continue;
      default:
    }
    const operator = /^(?:==|!=|<=|>=|<\/|>\/|[*/%+\-^<>])/.exec(query.slice(at, at + 2))?.[0];
    if (operator !== undefined) push(at + operator.length, `<op:${operator}>`);
    else if (char === '=' && query[at + 1] === '~') return fail(at, "unexpected character after '=': '~'");
    else if (char === '=') push(at + 1, '"="');
    else if (char === '!') return fail(at, `unexpected character after '!': ${quoteRune(query, at + 1)}`);
    else if (char === ':' && bracket) push(at + 1, '":"');
    else return fail(at, `unexpected character: ${quoteRune(query, at)}`);
  }
  if (brace) return fail(query.length, 'unexpected end of input inside braces');
  if (parens > 0) return fail(query.length, 'unclosed left parenthesis');
  if (bracket) return fail(query.length, 'unclosed left bracket');
  return { tokens, error: null };
}

function match(pattern: RegExp, query: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(query)?.[0] ?? '';
}

function bad(text: string): string {
  return `bad number or duration syntax: "${text}"`;
}

function numberToken(query: string, at: number): { text: string; duration: boolean; message?: string } | null {
  const duration = match(DURATION, query, at);
  const number = match(NUMBER, query, at);
  if (number === '') return null;
  const isDuration = duration.length > number.length;
  const text = isDuration ? duration : number;
  const next = query[at + text.length] ?? '';
  if (/^0[xX]$/.test(text)) return { text, duration: false, message: `error parsing number: strconv.ParseFloat: parsing "${text}": invalid syntax` };
  const more = /^[.\d_]_?/.exec(query.slice(at + text.length, at + text.length + 2))?.[0];
  if (more !== undefined) return { text, duration: isDuration, message: bad(text + more) };
  if (match(WORD, query, at + text.length).replace(/^:.*/s, '') === '') return { text, duration: isDuration };
  // An exponent without digits belongs to what is wrong with the number, a strange unit does not.
  return { text, duration: isDuration, message: bad(/[eE]/.test(next) ? text + next : text) };
}

function wordDescription(word: string): string {
  if (/^(inf|nan)$/i.test(word)) return `number "${word}"`;
  if (AGGREGATOR.test(word)) return `<aggr:${word.toLowerCase()}>`;
  if (WORD_OPERATOR.test(word)) return `<op:${word.toLowerCase()}>`;
  if (KEYWORD.test(word)) return `<${word.toLowerCase()}>`;
  return `${word.includes(':') ? 'metric identifier' : 'identifier'} "${word}"`;
}

function quoteRune(query: string, at: number): string {
  const code = query.codePointAt(at);
  if (code === undefined) return "'\\uffffffff'";
  const char = String.fromCodePoint(code);
  return char === "'" || char === '\\' ? `'\\${char}'` : `'${char}'`;
}
