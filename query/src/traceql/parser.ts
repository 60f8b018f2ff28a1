import { RegexpError, anchoredRegexp } from '../regexp/linear.js';
import { KIND_NAMES, STATUS_NAMES } from '../spans/vocabulary.js';
import type { ComparisonOp, Field, FilterExpression, Literal } from './ast.js';
import { TraceQLError, notSupported, parseError } from './error.js';
import { lex } from './lexer.js';
import type { Token } from './lexer.js';

const COMPARISONS = new Set<string>(['=', '!=', '>', '>=', '<', '<=', '=~', '!~']);
const STRUCTURAL = new Set(['>>', '<<', '!>', '!<', '!>>', '!<<', '&~', '&>', '&<', '&>>', '&<<', '~']);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '^']);
const MAX_DEPTH = 200;

/** Intrinsics by their names in the language, and by the key that readers know them by. */
const INTRINSIC_KEYS: Readonly<Record<string, string>> = {
  duration: 'duration', name: 'name', status: 'status', statusMessage: 'statusMessage', kind: 'kind',
  rootName: 'rootName', rootServiceName: 'rootService',
  'span:duration': 'duration', 'span:name': 'name', 'span:status': 'status', 'span:statusMessage': 'statusMessage', 'span:kind': 'kind',
  'span:id': 'spanId', 'span:parentID': 'parentId', 'trace:id': 'traceId', 'trace:rootName': 'rootName', 'trace:rootService': 'rootService',
  'instrumentation:name': 'scopeName',
};

const UNSUPPORTED_INTRINSICS = new Set([
  'traceDuration', 'childCount', 'nestedSetLeft', 'nestedSetRight', 'nestedSetParent', 'parent', 'trace:duration', 'span:childCount',
  'event:name', 'event:timeSinceStart', 'link:traceID', 'link:spanID', 'instrumentation:version',
]);

/** Parses a query that is one spanset filter. Throws TraceQLError: Tempo's parse errors, or what is not supported yet. */
export function parseTraceQL(query: string): FilterExpression {
  return new Parser(lex(query)).query();
}

/** Parses the name of a field alone, such as `resource.service.name` or `status`. Throws TraceQLError. */
export function parseField(text: string): Field {
  return new Parser(lex(text)).fieldAlone();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(readonly tokens: readonly Token[]) {}

  query(): FilterExpression {
    if (this.#is('(')) throw notSupported('a parenthesised spanset expression is');
    this.#expect('{');
    const filter: FilterExpression = this.#is('}') ? { kind: 'constant', value: true } : this.#or();
    this.#expect('}');
    const next = this.#peek();
    if (next.kind === 'end') return filter;
    if (next.kind === 'operator') {
      if (next.text === '|') throw notSupported('a pipeline (|) is');
      if (next.text === '&&' || next.text === '||' || STRUCTURAL.has(next.text) || next.text === '>' || next.text === '<') throw notSupported(`the spanset operator ${next.text} is`);
    }
    if (next.kind === 'word' && next.text === 'with') throw notSupported('a query hint (with) is');
    throw this.#unexpected();
  }

  fieldAlone(): Field {
    const field = this.#field(this.#next());
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return field;
  }

  #or(): FilterExpression {
    const first = this.#and();
    if (!this.#is('||')) return first;
    const terms = [first];
    while (this.#accept('||')) terms.push(this.#and());
    return { kind: 'or', terms };
  }

  #and(): FilterExpression {
    const first = this.#term();
    if (!this.#is('&&')) return first;
    const terms = [first];
    while (this.#accept('&&')) terms.push(this.#term());
    return { kind: 'and', terms };
  }

  #term(): FilterExpression {
    if (++this.#depth > MAX_DEPTH) throw this.#error('the expression nests too deeply');
    try {
      if (this.#is('!')) throw notSupported('the negation ! is');
      if (this.#accept('(')) {
        const inner = this.#or();
        this.#expect(')');
        return inner;
      }
      return this.#comparison();
    } finally {
      this.#depth--;
    }
  }

  #comparison(): FilterExpression {
    const left = this.#operand();
    const operator = this.#peek();
    if (operator.kind === 'operator' && ARITHMETIC.has(operator.text)) throw notSupported(`arithmetic (${operator.text}) is`);
    if (operator.kind !== 'operator' || !COMPARISONS.has(operator.text)) {
      if ('type' in left) {
        if (left.type === 'bool') return { kind: 'constant', value: left.value === true };
        throw new TraceQLError('span filter field expressions must resolve to a boolean');
      }
      if (left.scope === 'intrinsic') throw new TraceQLError('span filter field expressions must resolve to a boolean');
      return { kind: 'comparison', field: left, op: '=', literal: { type: 'bool', value: true } };
    }
    this.#at++;
    const op = operator.text as ComparisonOp;
    const right = this.#operand();
    const after = this.#peek();
    if (after.kind === 'operator' && ARITHMETIC.has(after.text)) throw notSupported(`arithmetic (${after.text}) is`);
    if (!('type' in left) && 'type' in right) return this.#checked(left, op, right);
    if ('type' in left && !('type' in right)) return this.#checked(right, mirrored(op), left);
    throw notSupported('comparing two fields, or two values, is');
  }

  #checked(field: Field, op: ComparisonOp, literal: Literal): FilterExpression {
    if (literal.type === 'nil' && op !== '!=' && op !== '=') throw this.#error(`illegal operation for nil: ${op}`);
    if (literal.type === 'nil' && op === '=') throw notSupported('comparing with = nil is');
    if (op === '=~' || op === '!~') {
      if (literal.type !== 'string') throw new TraceQLError(`illegal operation for the given types: ${op} wants a regular expression in quotes`);
      try {
        anchoredRegexp(String(literal.value));
      } catch (error) {
        if (error instanceof RegexpError) throw new TraceQLError(error.message);
        throw error;
      }
    }
    const ordered = op === '>' || op === '>=' || op === '<' || op === '<=';
    if (ordered && (literal.type === 'bool' || literal.type === 'status' || literal.type === 'kind')) {
      throw new TraceQLError(`illegal operation for the given types: ${field.key} ${op} ${String(literal.value)}`);
    }
    const wanted = field.scope === 'intrinsic' ? intrinsicTypes(field.key) : null;
    if (wanted !== null && literal.type !== 'nil' && !wanted.includes(literal.type)) {
      throw new TraceQLError(`binary operations must operate on the same type: ${field.key} ${op} ${String(literal.value)}`);
    }
    return { kind: 'comparison', field, op, literal };
  }

  #operand(): Field | Literal {
    const token = this.#next();
    switch (token.kind) {
      case 'string': return { type: 'string', value: token.value };
      case 'integer': return { type: 'int', value: token.value };
      case 'float': return { type: 'float', value: token.value };
      case 'duration': return { type: 'duration', value: token.ns };
      case 'operator':
        if (token.text === '-') return this.#negative();
        if (token.text === '!') throw notSupported('the negation ! is');
        if (token.text === '(') throw notSupported('a parenthesised value is');
        break;
      case 'word': {
        const literal = keyword(token.text);
        if (literal !== null) return literal;
        break;
      }
      default:
    }
    return this.#field(token);
  }

  #negative(): Literal {
    const token = this.#next();
    switch (token.kind) {
      case 'integer': return { type: 'int', value: -token.value };
      case 'float': return { type: 'float', value: -token.value };
      case 'duration': return { type: 'duration', value: -token.ns };
      default: throw notSupported('arithmetic (-) is');
    }
  }

  #field(token: Token): Field {
    if (token.kind === 'attribute') {
      switch (token.scope) {
        case 'span.': return { scope: 'span', key: token.name };
        case 'resource.': return { scope: 'resource', key: token.name };
        case '.': return { scope: 'any', key: token.name };
        default: throw notSupported(`the scope ${token.scope.slice(0, -1)} is`);
      }
    }
    if (token.kind === 'word') {
      const key = INTRINSIC_KEYS[token.text];
      if (key !== undefined && Object.hasOwn(INTRINSIC_KEYS, token.text)) return { scope: 'intrinsic', key };
      if (UNSUPPORTED_INTRINSICS.has(token.text)) throw notSupported(`the intrinsic ${token.text} is`);
    }
    this.#at--;
    throw this.#unexpected();
  }

  #peek(): Token {
    return this.tokens[this.#at] ?? { kind: 'end', line: 1, column: 1 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #is(operator: string): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.text === operator;
  }

  #accept(operator: string): boolean {
    const accepted = this.#is(operator);
    if (accepted) this.#at++;
    return accepted;
  }

  #expect(operator: string): void {
    if (!this.#accept(operator)) throw this.#unexpected(operator);
  }

  #unexpected(expected?: string): TraceQLError {
    return this.#error(`syntax error: unexpected ${describe(this.#peek())}${expected === undefined ? '' : `, expecting ${expected}`}`);
  }

  #error(message: string): TraceQLError {
    const { line, column } = this.#peek();
    return parseError(message, line, column);
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'end': return '$end';
    case 'operator': return token.text;
    case 'word': return keyword(token.text) === null && !Object.hasOwn(INTRINSIC_KEYS, token.text) ? 'IDENTIFIER' : token.text;
    case 'attribute': return token.scope;
    default: return token.kind.toUpperCase();
  }
}

function keyword(word: string): Literal | null {
  if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true' };
  if (word === 'nil') return { type: 'nil', value: null };
  if ((STATUS_NAMES as readonly string[]).includes(word)) return { type: 'status', value: word };
  if ((KIND_NAMES as readonly string[]).includes(word)) return { type: 'kind', value: word };
  return null;
}

function intrinsicTypes(key: string): readonly Literal['type'][] {
  switch (key) {
    case 'duration': return ['duration', 'int', 'float'];
    case 'status': return ['status'];
    case 'kind': return ['kind'];
    default: return ['string'];
  }
}

function mirrored(op: ComparisonOp): ComparisonOp {
  switch (op) {
    case '>': return '<';
    case '<': return '>';
    case '>=': return '<=';
    case '<=': return '>=';
    default: return op;
  }
}
