import type { LogQLError } from './error.js';
import { syntaxError } from './error.js';
import type { Token } from './lexer.js';

/** A walk over the tokens of one query. */
export class TokenStream {
  #at = 0;

  constructor(readonly query: string, readonly tokens: readonly Token[]) {}

  peek(): Token {
    return this.tokens[this.#at] ?? { kind: 'end', text: '', offset: this.query.length };
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  is(operator: string): boolean {
    const token = this.peek();
    return token.kind === 'operator' && token.text === operator;
  }

  accept(operator: string): boolean {
    const accepted = this.is(operator);
    if (accepted) this.#at++;
    return accepted;
  }

  acceptKeyword(keyword: string): boolean {
    const token = this.peek();
    const accepted = token.kind === 'keyword' && token.text.toLowerCase() === keyword;
    if (accepted) this.#at++;
    return accepted;
  }

  expect(operator: string): void {
    if (!this.accept(operator)) throw this.unexpected();
  }

  unexpected(expected?: string): LogQLError {
    return this.unexpectedAt(this.peek(), expected);
  }

  unexpectedAt(token: Token, expected?: string): LogQLError {
    return syntaxError(`syntax error: unexpected ${describe(token)}${expected === undefined ? '' : `, expecting ${expected}`}`, this.query, token.offset);
  }
}

/** A token by the name that Loki's parser has for it. */
export function describe(token: Token): string {
  switch (token.kind) {
    case 'end': return '$end';
    case 'identifier': return /^[A-Za-z_][A-Za-z0-9_]*$/.test(token.text) ? 'IDENTIFIER' : 'STRING';
    case 'string': return 'STRING';
    case 'number': return 'NUMBER';
    case 'range': return 'RANGE';
    default: return token.text;
  }
}
