import { OttlError } from '../error.js';
import { tokenize, type Token } from './lexer.js';
import type { ArgumentNode, CallNode, CompareOperator, ConditionNode, FieldNode, MathOperator, StatementNode, ValueNode } from './syntax.js';

/** Deeper nesting is refused: parser and evaluator recurse. */
const MAX_DEPTH = 64;

/** @throws OttlError */
export function parseStatement(text: string): StatementNode {
  const parser = new Parser(text);
  const statement = parser.statement();
  parser.end();
  return statement;
}

/** @throws OttlError */
export function parseCondition(text: string): ConditionNode {
  const parser = new Parser(text);
  const condition = parser.condition();
  parser.end();
  return condition;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(readonly text: string) {
    this.#tokens = tokenize(text);
  }

  end(): void {
    const token = this.#peek();
    if (token.kind === 'end') return;
    if (token.text === ']' || token.text === ')' || token.text === '}') this.#fail(token, `A '${token.text}' without its opening bracket`);
    this.#fail(token, `Nothing more was expected here, found ${describe(token)}`);
  }

  statement(): StatementNode {
    const token = this.#peek();
    if (token.kind !== 'name') this.#fail(token, `A statement begins with an editor, such as set(…), found ${describe(token)}`);
    if (/^[A-Z]/.test(token.text)) this.#fail(token, `Editors begin with a small letter; '${token.text}' can only be part of one`);
    if (!this.#is('(', 1)) this.#fail(this.#peek(1), `A '(' was expected behind '${token.text}'`);
    const editor = this.#call();
    if (editor.keys.length > 0) this.#fail(token, 'An editor answers nothing that could be indexed');
    const where = this.#takeWord('where') ? this.condition() : null;
    return { editor, where };
  }

  condition(): ConditionNode {
    return this.#nested(() => {
      const terms = [this.#conjunction()];
      while (this.#takeWord('or')) terms.push(this.#conjunction());
      return terms.length === 1 ? terms[0] : { kind: 'or', terms };
    });
  }

  #conjunction(): ConditionNode {
    const terms = [this.#negatable()];
    while (this.#takeWord('and')) terms.push(this.#negatable());
    return terms.length === 1 ? terms[0] : { kind: 'and', terms };
  }

  #negatable(): ConditionNode {
    if (this.#takeWord('not')) return this.#nested(() => ({ kind: 'not', of: this.#negatable() }));
    if (this.#is('(') && !this.#parenthesisHoldsValue()) {
      this.#expect('(');
      const inner = this.condition();
      this.#expect(')');
      return inner;
    }
    const left = this.value();
    const operator = this.#peek();
    if (operator.kind === 'compare') {
      this.#at++;
      return { kind: 'compare', operator: operator.text as CompareOperator, left, right: this.value(), offset: operator.offset };
    }
    if (left.kind === 'call') return { kind: 'test', call: left };
    if (left.kind === 'literal' && typeof left.value === 'boolean') return { kind: 'constant', value: left.value };
    if (operator.text === '=') this.#fail(operator, "Values are compared with '==', not '='");
    return this.#fail(operator, `A comparison (==, !=, <, <=, >, >=) was expected, found ${describe(operator)}`);
  }

  /** Whether the parenthesis here holds arithmetic: an operator or a comparison follows behind its end. */
  #parenthesisHoldsValue(): boolean {
    let depth = 0;
    for (let i = this.#at; i < this.#tokens.length; i++) {
      const { kind, text } = this.#tokens[i];
      if (kind !== 'punctuation') continue;
      if (text === '(') depth++;
      if (text === ')' && --depth === 0) {
        const next = this.#tokens[i + 1];
        return next.kind === 'compare' || next.kind === 'math';
      }
    }
    return false;
  }

  value(): ValueNode {
    return this.#nested(() => {
      let left = this.#product();
      for (let operator = this.#takeMath('+', '-'); operator; operator = this.#takeMath('+', '-')) {
        left = { kind: 'math', operator: operator.text as MathOperator, left, right: this.#product(), offset: operator.offset };
      }
      return left;
    });
  }

  #product(): ValueNode {
    let left = this.#primary();
    for (let operator = this.#takeMath('*', '/'); operator; operator = this.#takeMath('*', '/')) {
      left = { kind: 'math', operator: operator.text as MathOperator, left, right: this.#primary(), offset: operator.offset };
    }
    return left;
  }

  #primary(): ValueNode {
    const token = this.#peek();
    const { offset } = token;
    switch (token.kind) {
      case 'string':
        this.#at++;
        return { kind: 'literal', value: token.text, offset };
      case 'int': {
        this.#at++;
        const value = BigInt(token.text.replace(/^\+/, ''));
        if (BigInt.asIntN(64, value) !== value) this.#fail(token, 'The number does not fit into 64 bits');
        return { kind: 'literal', value, offset };
      }
      case 'float':
        this.#at++;
        return { kind: 'literal', value: Number(token.text), offset };
      case 'bytes':
        this.#at++;
        return { kind: 'literal', value: Uint8Array.from(Buffer.from(token.text.slice(2), 'hex')), offset };
      case 'name':
        return this.#named(token);
      case 'punctuation':
        if (token.text === '(') {
          this.#at++;
          const inner = this.value();
          this.#expect(')');
          return inner;
        }
        if (token.text === '[') return { kind: 'list', items: this.#sequence('[', ']', () => this.value()), offset };
        if (token.text === '{') return { kind: 'map', entries: this.#sequence('{', '}', () => this.#entry()), offset };
    }
    return this.#fail(token, `A value was expected (a path, text in double quotes, a number, a function), found ${describe(token)}`);
  }

  #named(token: Token): ValueNode {
    const { text, offset } = token;
    if (text === 'true' || text === 'false' || text === 'nil') {
      this.#at++;
      return { kind: 'literal', value: text === 'nil' ? null : text === 'true', offset };
    }
    if (text === 'where' || text === 'and' || text === 'or' || text === 'not') return this.#fail(token, `A value was expected, found the word '${text}'`);
    if (this.#is('(', 1)) return this.#call();
    if (/^[A-Z]/.test(text)) {
      this.#at++;
      return { kind: 'symbol', name: text, offset };
    }
    const fields = [this.#field()];
    while (this.#take('.')) fields.push(this.#field());
    return { kind: 'path', fields, offset };
  }

  #field(): FieldNode {
    const token = this.#peek();
    if (token.kind !== 'name') this.#fail(token, `The name of a field was expected, found ${describe(token)}`);
    this.#at++;
    return { name: token.text, keys: this.#keys(), offset: token.offset };
  }

  #keys(): readonly ValueNode[] {
    const keys: ValueNode[] = [];
    while (this.#take('[')) {
      keys.push(this.value());
      this.#expect(']');
    }
    return keys;
  }

  #call(): CallNode {
    const { text, offset } = this.#peek();
    this.#at++;
    const args = this.#nested(() => this.#sequence('(', ')', () => this.#argument()));
    return { kind: 'call', name: text, arguments: args, keys: this.#keys(), offset };
  }

  #argument(): ArgumentNode {
    const token = this.#peek();
    if (token.kind === 'name' && this.#is('=', 1)) {
      this.#at += 2;
      return { name: token.text, value: this.value(), offset: token.offset };
    }
    return { name: null, value: this.value(), offset: token.offset };
  }

  #entry(): { key: string; value: ValueNode } {
    const key = this.#peek();
    if (key.kind !== 'string') this.#fail(key, `A key in double quotes was expected, found ${describe(key)}`);
    this.#at++;
    this.#expect(':');
    return { key: key.text, value: this.value() };
  }

  #sequence<T>(open: string, close: string, item: () => T): readonly T[] {
    this.#expect(open);
    const items: T[] = [];
    if (this.#take(close)) return items;
    do {
      if (items.length > 0 && this.#is(close)) break;
      items.push(item());
    } while (this.#take(','));
    const token = this.#peek();
    if (!this.#take(close)) this.#fail(token, `A ',' or '${close}' was expected, found ${describe(token)}`);
    return items;
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#fail(this.#peek(), `Nested more than ${MAX_DEPTH} deep`);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'punctuation' && token.text === text;
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'name' || token.text !== word) return false;
    this.#at++;
    return true;
  }

  #takeMath(...operators: readonly MathOperator[]): Token | null {
    const token = this.#peek();
    if (token.kind !== 'math' || !operators.some((operator) => operator === token.text)) return null;
    this.#at++;
    return token;
  }

  #expect(text: string): void {
    const token = this.#peek();
    if (!this.#take(text)) this.#fail(token, `A '${text}' was expected, found ${describe(token)}`);
  }

  #fail(token: Token, reason: string): never {
    throw new OttlError(this.text, token.offset, reason);
  }
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.kind === 'string' ? `the text ${JSON.stringify(token.text.slice(0, 40))}` : `'${token.text.slice(0, 40)}'`;
}
