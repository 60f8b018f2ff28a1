import type { SyntaxNode } from '@lezer/common';
import type { Duration, DurationExpr } from '../../ast.js';
import { MAX_DURATION_MS, PrometheusDurationError } from '../../durations/duration.js';
import { PromQLParseError } from '../../error.js';
import { LiteralError, numberOf } from '../scanning/literal.js';

/** Nesting that is converted. */
const MAX_DEPTH = 500;

/** Turns the grammar's duration expressions into ours. Throws PromQLParseError. */
export class DurationConverter {
  #depth = 0;

  constructor(readonly query: string) {}

  /** Of a range or a step: more than zero where it is written outright. */
  positive(node: SyntaxNode): Duration {
    const duration = this.any(node);
    // Less than a millisecond is more than nothing, where nothing is divided by it.
    if (typeof duration === 'number' && (duration < 0 || (duration === 0 && !this.#isTiny(node)))) this.#fail('duration must be greater than 0', node);
    return duration;
  }

  /** Of a subquery: a millisecond at least. */
  step(node: SyntaxNode): Duration {
    const duration = this.any(node);
    if (typeof duration === 'number' && duration <= 0) this.#fail('duration must be greater than 0', node);
    return duration;
  }

  any(node: SyntaxNode): Duration {
    const expr = this.#convert(node);
    if (expr.kind !== 'number') return expr;
    // Go makes the least integer of what is no number.
    if (Number.isNaN(expr.seconds)) return -MAX_DURATION_MS;
    const ms = wholeMs(expr.seconds);
    if (!Number.isFinite(ms) || Math.abs(ms) > MAX_DURATION_MS) this.#fail('duration out of range', node);
    return ms;
  }

  #isTiny(node: SyntaxNode): boolean {
    const expr = this.#convert(node);
    return expr.kind === 'number' && expr.seconds > 0;
  }

  #convert(node: SyntaxNode): DurationExpr {
    if (++this.#depth > MAX_DEPTH) this.#fail('the expression nests too deeply', node);
    try {
      return this.#expr(node);
    } finally {
      this.#depth--;
    }
  }

  #expr(node: SyntaxNode): DurationExpr {
    const range = { start: node.from, end: node.to };
    const parts: SyntaxNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) parts.push(child);
    const [left, right] = parts.filter(({ name }) => name === 'DurationExpr' || name === 'OffsetDurationExpr');
    const literal = node.getChild('NumberDurationLiteralInDurationContext');
    if (literal !== null) return this.#number(literal);
    const word = parts.find(({ name }) => /^Duration(Step|Range|MinOf|MaxOf)$/.test(name))?.name;
    if (word === 'DurationStep' || word === 'DurationRange') return { kind: word === 'DurationStep' ? 'step' : 'range', range };
    if (left === undefined) return this.#fail('bad number or duration syntax', node);
    if (right === undefined) {
      const sign = node.getChild('UnaryOp');
      const inner = this.#convert(left);
      // Where an error names a place, a plus sign counts for nothing, nor do parentheses but the one before a number.
      if (sign === null) return { kind: 'paren', range: inner.kind === 'number' ? { start: node.from, end: inner.range.end } : inner.range, inner };
      const signed = { start: range.start, end: inner.range.end };
      if (this.query[sign.from] === '+') return node.name === 'OffsetDurationExpr' && left.getChild('UnaryOp') === null && isFunction(inner) ? { kind: 'unary', range: inner.range, op: '+', inner } : inner;
      return inner.kind === 'number' ? { ...inner, range: signed, seconds: -inner.seconds } : { kind: 'unary', range: signed, op: '-', inner };
    }
    const sign = left.nextSibling;
    const op = word === 'DurationMinOf' ? 'min_of' : word === 'DurationMaxOf' ? 'max_of' : operatorOf(this.query, sign);
    const divisor = this.#convert(right);
    if (sign !== null && divisor.kind === 'number' && divisor.seconds === 0) {
      if (op === '/') this.#fail('division by zero', sign);
      if (op === '%') this.#fail('modulo by zero', sign);
    }
    const dividend = this.#convert(left);
    return { kind: 'binary', range: { start: dividend.range.start, end: divisor.range.end }, op, left: dividend, right: divisor };
  }

  #number(node: SyntaxNode): DurationExpr {
    try {
      const { value, duration } = numberOf(this.query.slice(node.from, node.to));
      return { kind: 'number', range: { start: node.from, end: node.to }, seconds: value, duration };
    } catch (error) {
      if (error instanceof LiteralError || error instanceof PrometheusDurationError) return this.#fail(error.message, node);
      throw error;
    }
  }

  #fail(message: string, node: SyntaxNode): never {
    throw new PromQLParseError(message, this.query, { start: node.from, end: node.to });
  }
}

/** Behind `offset` a plus sign before one of these is kept. */
function isFunction({ kind, ...rest }: DurationExpr): boolean {
  return kind === 'step' || kind === 'range' || ('op' in rest && (rest.op === 'min_of' || rest.op === 'max_of'));
}

/** Go holds nanoseconds, of which Prometheus takes the whole milliseconds. */
function wholeMs(seconds: number): number {
  return Math.trunc(Math.round(seconds * 1e9) / 1e6);
}

type Operator = '+' | '-' | '*' | '/' | '%' | '^';

function operatorOf(query: string, node: SyntaxNode | null): Operator {
  const text = node === null ? '' : query.slice(node.from, node.to);
  return text === '-' || text === '*' || text === '/' || text === '%' || text === '^' ? text : '+';
}
