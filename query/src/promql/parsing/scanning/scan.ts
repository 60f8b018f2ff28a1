/**
 * A scan of a query's characters, for its errors: the grammar of `@prometheus-io/lezer-promql` is made for editors, it
 * repairs what is wrong and does not say what was. This says it in Prometheus' words (promql/parser/lex.go).
 */
import { goQuote } from '../../../go/strconv.js';
import { scanNumber } from './scan-number.js';
import { scanString } from './scan-string.js';

export interface Token {
  readonly start: number;
  readonly end: number;
  readonly kind: 'number' | 'duration' | 'other';
  /** What it is: `identifier "x"`, `<op:+>`; of words that the language knows in lower case. */
  readonly description: string;
  /** As an error names it: with the word as it is written. */
  readonly shown: string;
}

export interface Scan {
  readonly tokens: readonly Token[];
  /** The first thing that is no token, or the first number that has no value: that one is among the tokens. */
  readonly error: { readonly offset: number; readonly message: string; readonly isToken: boolean } | null;
}

const AGGREGATOR = /^(sum|avg|count|min|max|group|stddev|stdvar|topk|bottomk|count_values|quantile|limitk|limit_ratio)$/i;
const KEYWORD = /^(offset|smoothed|anchored|by|without|on|ignoring|group_left|group_right|bool|fill|fill_left|fill_right)$/i;
const WORD_OPERATOR = /^(and|or|unless|atan2)$/i;
const DURATION_KEYWORD = /^(step|range|min_of|max_of)$/i;

const FILL = /^(fill|fill_left|fill_right)$/i;

const WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const LABEL = /[A-Za-z_][A-Za-z0-9_]*/y;
const LETTERS = /[A-Za-z_]+/y;
const SPACE = /[ \t\n\r]+/y;
const OPERATOR = /==|!=|<=|>=|<\/|>\/|[*/%+\-^<>]/y;
const LABEL_OPERATOR = /=~|!~|!=|=/y;

export function scan(query: string): Scan {
  const scanner = new Scanner(query);
  const error = scanner.run();
  return { tokens: scanner.tokens, error };
}

type Failure = NonNullable<Scan['error']>;

class Scanner {
  readonly tokens: Token[] = [];
  #at = 0;
  #parens = 0;
  #brace = false;
  #bracket = false;
  /** Between `[` and the first number, Prometheus' lexer is in a state of its own, with errors of its own. */
  #duration = false;
  #gotDuration = false;
  #gotColon = false;

  constructor(readonly query: string) {}

  run(): Failure | null {
    for (;;) {
      this.#at += this.#match(SPACE).length;
      if (this.#at >= this.query.length) return this.#end();
      const failure = this.#next();
      if (failure !== null) return failure;
    }
  }

  #next(): Failure | null {
    const char = this.query[this.#at] ?? '';
    if (this.#duration) return this.#inDuration(char);
    if (char === '#') {
      const newline = this.query.indexOf('\n', this.#at);
      this.#at = newline < 0 ? this.query.length : newline;
      return null;
    }
    if (char === '"' || char === "'" || char === '`') {
      const scanned = scanString(this.query, this.#at);
      if ('error' in scanned) return this.#fail(scanned.error);
      return this.#push(scanned.end - this.#at, 'string', 'other', `string ${shortened(this.query.slice(this.#at, scanned.end))}`);
    }
    if (this.#brace) return this.#inBraces(char);
    return this.#inStatement(char);
  }

  #inBraces(char: string): Failure | null {
    const label = this.#match(LABEL);
    if (label !== '') return this.#push(label.length, `identifier "${label}"`);
    const operator = this.#match(LABEL_OPERATOR);
    if (operator !== '') return this.#push(operator.length, operator === '=' ? '"="' : `<op:${operator}>`);
    if (char === ',') return this.#push(1, '","');
    if (char === '}') {
      this.#brace = false;
      return this.#push(1, '"}"');
    }
    if (char === '!') return this.#fail(`unexpected character after '!' inside braces: ${quoteRune(this.query, this.#at + 1)}`);
    if (char === '{') return this.#fail("unexpected left brace '{'");
    return this.#fail(`unexpected character inside braces: ${quoteRune(this.query, this.#at)}`);
  }

  #inStatement(char: string): Failure | null {
    if (this.#startsNumber(char)) return this.#number();
    const word = this.#match(WORD);
    if (word !== '') return this.#bracket ? this.#afterDuration(char) : this.#word(word);
    const operator = this.#match(OPERATOR);
    if (operator !== '') return this.#push(operator.length, `<op:${operator}>`);
    switch (char) {
      case '(':
      case ')': return this.#paren(char);
      case '{':
        this.#brace = true;
        return this.#push(1, '"{"');
      case '[':
        if (this.#bracket) return this.#fail("unexpected left bracket '['");
        this.#bracket = true;
        this.#duration = true;
        this.#gotColon = false;
        return this.#push(1, '"["');
      case ']':
        if (!this.#bracket) return this.#fail("unexpected right bracket ']'");
        this.#bracket = false;
        return this.#push(1, '"]"');
      case ',': return this.#push(1, '","');
      case '@': return this.#push(1, '<op:@>');
      case '=': return this.query[this.#at + 1] === '~' ? this.#fail("unexpected character after '=': '~'") : this.#push(1, '"="');
      case '!': return this.#fail(`unexpected character after '!': ${quoteRune(this.query, this.#at + 1)}`);
      default: return this.#fail(`unexpected character: ${quoteRune(this.query, this.#at)}`);
    }
  }

  #word(word: string): null {
    // A metric may be named like this.
    if (FILL.test(word) && !/^[ \t\n\r]*\(/.test(this.query.slice(this.#at + word.length))) return this.#push(word.length, `identifier "${word}"`);
    return this.#push(word.length, wordDescription(word), 'other', shownWord(word));
  }

  /** A word or colon within brackets, behind the first number. */
  #afterDuration(char: string): Failure | null {
    if (char === ':') {
      if (this.#gotColon) return this.#fail("unexpected colon ':'");
      this.#gotColon = true;
      return this.#push(1, '":"');
    }
    const letters = this.#match(LETTERS);
    return DURATION_KEYWORD.test(letters) ? this.#push(letters.length, `"${letters.toLowerCase()}"`, 'other', `"${letters}"`) : this.#fail(`unexpected character: '${char}', expected ':'`);
  }

  #inDuration(char: string): Failure | null {
    if (this.#startsNumber(char)) {
      this.#duration = false;
      this.#gotDuration = true;
      return this.#number();
    }
    switch (char) {
      case ']':
        this.#duration = false;
        this.#bracket = false;
        return this.#push(1, '"]"');
      case ':':
        // Whether a duration was seen is asked of the whole query.
        if (!this.#gotDuration) return this.#fail('unexpected colon before duration in duration expression', this.#at + 1);
        if (this.#gotColon) return this.#fail('unexpected repeated colon in duration expression', this.#at + 1);
        this.#gotColon = true;
        return this.#push(1, '":"');
      case '(':
      case ')': return this.#paren(char);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^': return this.#push(1, `<op:${char}>`);
      case ',': return this.#push(1, '","');
      default: {
        const letters = this.#match(LETTERS);
        if (DURATION_KEYWORD.test(letters)) return this.#push(letters.length, `"${letters.toLowerCase()}"`, 'other', `"${letters}"`);
        return this.#fail(`unexpected character in duration expression: ${quoteRune(this.query, this.#at)}`);
      }
    }
  }

  #startsNumber(char: string): boolean {
    return isDigit(char) || (char === '.' && isDigit(this.query[this.#at + 1] ?? ''));
  }

  #number(): Failure | null {
    const scanned = scanNumber(this.query, this.#at);
    if ('error' in scanned) return this.#fail(scanned.error);
    const { at, text } = { at: this.#at, text: this.query.slice(this.#at, scanned.end) };
    this.#push(text.length, `${scanned.kind} "${text}"`, scanned.kind, `${scanned.kind} ${shortened(text)}`);
    return scanned.invalid === null ? null : { offset: at, message: scanned.invalid, isToken: true };
  }

  #paren(char: '(' | ')'): Failure | null {
    if (char === '(') this.#parens++;
    else if (--this.#parens < 0) return this.#fail("unexpected right parenthesis ')'", this.#at + 1);
    return this.#push(1, `"${char}"`);
  }

  #end(): Failure | null {
    const offset = this.query.length;
    if (this.#brace) return this.#fail('unexpected end of input inside braces', offset);
    if (this.#duration) return this.#fail('unexpected end of input in duration expression', offset);
    if (this.#parens > 0) return this.#fail('unclosed left parenthesis', offset);
    return this.#bracket ? this.#fail('unclosed left bracket', offset) : null;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.query)?.[0] ?? '';
  }

  #push(length: number, description: string, kind: Token['kind'] = 'other', shown = description): null {
    this.tokens.push({ start: this.#at, end: this.#at + length, kind, description, shown });
    this.#at += length;
    return null;
  }

  #fail(message: string, offset = this.#at): Failure {
    return { offset, message, isToken: false };
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function wordDescription(word: string): string {
  if (/^(inf|nan)$/i.test(word)) return `number "${word}"`;
  if (AGGREGATOR.test(word)) return `<aggr:${word.toLowerCase()}>`;
  if (WORD_OPERATOR.test(word)) return `<op:${word.toLowerCase()}>`;
  if (KEYWORD.test(word)) return `<${word.toLowerCase()}>`;
  return `${word.includes(':') ? 'metric identifier' : 'identifier'} "${word}"`;
}

/** A word as it is written; some that are names elsewhere are words of the language, too. */
function shownWord(word: string): string {
  if (/^(start|end)$/i.test(word) || DURATION_KEYWORD.test(word)) return `"${word}"`;
  const description = wordDescription(word);
  return description.startsWith('<') ? description.replace(word.toLowerCase(), word) : description;
}

/** A value as an error names it: in quotes, at most the beginning. */
function shortened(text: string): string {
  return Buffer.byteLength(text) > 10 ? `${goQuote([...text.slice(0, 20)].slice(0, 10).join(''))}...` : goQuote(text);
}

/** A character as Go's %q writes it. */
function quoteRune(query: string, at: number): string {
  const code = query.codePointAt(at);
  // Behind the end Go reads a character that is none.
  if (code === undefined) return "'\ufffd'";
  const char = String.fromCodePoint(code);
  if (char === "'") return "'\\''";
  return char === '"' ? `'"'` : `'${goQuote(char).slice(1, -1)}'`;
}
