import type { ConstantQuery } from './ast.js';
import { notSupported, syntaxError } from './error.js';
import type { TokenStream } from './token-stream.js';

const MAX_DEPTH = 200;

type Operand = Pick<ConstantQuery, 'type' | 'value'>;

/** Arithmetic over numbers and `vector(number)`. Throws LogQLError. */
export function constantQuery(tokens: TokenStream): ConstantQuery {
  const result = sum(tokens, 0);
  if (tokens.peek().kind === 'keyword' || ['>', '<', '>=', '<=', '==', '!=', '%', '^'].includes(tokens.peek().text)) {
    throw notSupported(`the operator ${tokens.peek().text} between metric queries is`);
  }
  if (tokens.peek().kind !== 'end') throw tokens.unexpected();
  return { kind: 'constant', ...result };
}

function sum(tokens: TokenStream, depth: number): Operand {
  let left = product(tokens, depth);
  for (;;) {
    if (tokens.accept('+')) left = combined(left, product(tokens, depth), (a, b) => a + b);
    else if (tokens.accept('-')) left = combined(left, product(tokens, depth), (a, b) => a - b);
    else return left;
  }
}

function product(tokens: TokenStream, depth: number): Operand {
  let left = operand(tokens, depth);
  for (;;) {
    if (tokens.accept('*')) left = combined(left, operand(tokens, depth), (a, b) => a * b);
    else if (tokens.accept('/')) left = combined(left, operand(tokens, depth), (a, b) => a / b);
    else return left;
  }
}

function operand(tokens: TokenStream, depth: number): Operand {
  if (depth > MAX_DEPTH) throw syntaxError('the query nests too deeply', tokens.query, tokens.peek().offset);
  if (tokens.accept('(')) {
    const inner = sum(tokens, depth + 1);
    tokens.expect(')');
    return inner;
  }
  if (tokens.peek().text === 'vector') {
    tokens.next();
    tokens.expect('(');
    const value = number(tokens);
    tokens.expect(')');
    return { type: 'vector', value };
  }
  return { type: 'scalar', value: number(tokens) };
}

function number(tokens: TokenStream): number {
  const sign = tokens.accept('-') ? -1 : (tokens.accept('+'), 1);
  const token = tokens.next();
  const value = Number(token.text);
  if (token.kind !== 'number') throw tokens.unexpectedAt(token);
  if (Number.isNaN(value)) throw syntaxError(`unable to parse float: strconv.ParseFloat: parsing ${JSON.stringify(token.text)}: invalid syntax`, tokens.query, token.offset);
  return sign * value;
}

function combined(left: Operand, right: Operand, compute: (a: number, b: number) => number): Operand {
  return { type: left.type === 'vector' || right.type === 'vector' ? 'vector' : 'scalar', value: compute(left.value, right.value) };
}
