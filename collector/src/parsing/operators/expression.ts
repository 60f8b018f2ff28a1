import { nearestName } from '../../config/nearest.js';
import type { Entry, Value } from '../entry.js';
import { FUNCTIONS } from './expression-functions.js';
import { ExpressionError, tokensOf, type Token } from './expression-tokens.js';
import { asNumber, equals, isIn, isTrue, order, patternTest, textOf } from './expression-values.js';

/** A value out of an entry; null where there is nothing, or where values do not fit together. */
export type Expression = (entry: Entry) => Value;

const ROOTS: Readonly<Record<string, Expression>> = {
  body: (entry) => entry.body,
  $: (entry) => entry.body,
  $body: (entry) => entry.body,
  attributes: (entry) => entry.attributes,
  resource: (entry) => entry.resource,
  timestamp: (entry) => (entry.timeNs === 0n ? null : entry.timeNs),
  severity_number: (entry) => BigInt(entry.severityNumber),
  severity_text: (entry) => entry.severityText,
};
const CONSTANTS: Readonly<Record<string, Value>> = { true: true, false: false, nil: null };
const MAX_LENGTH = 8192;
const MAX_DEPTH = 100;

/**
 * Compiles an expression as the Collector's operators have them: the part of expr-lang that reads an entry and answers a value
 * (`body.level == "error" and not (attributes["x"] matches "^a")`, `len(body) > 10`, `env("HOST") + "-1"`).
 * @throws ExpressionError
 */
export function compileExpression(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new ExpressionError(`an expression is longer than ${MAX_LENGTH} characters`, text, 0);
  return new ExpressionParser(text).whole();
}

/** Anything but `true` is false. @throws ExpressionError */
export function compileCondition(text: string): (entry: Entry) => boolean {
  const expression = compileExpression(text);
  return (entry) => expression(entry) === true;
}

/** One method for each level, from what binds least: `?:`, or, and, comparison, sum, product, `??`, unary, access. */
class ExpressionParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#choice();
    const { kind, text } = this.#peek();
    if (kind !== 'end') this.#fail(`expected an operator or the end, not '${text}'`);
    return expression;
  }

  #choice(): Expression {
    if (++this.#depth > MAX_DEPTH) this.#fail(`parentheses deeper than ${MAX_DEPTH}`);
    const test = this.#or();
    this.#depth--;
    if (!this.#accept('?')) return test;
    const yes = this.#choice();
    this.#expect(':');
    const no = this.#choice();
    return (entry) => (isTrue(test(entry)) ? yes(entry) : no(entry));
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#accept('||') || this.#accept('or')) {
      const [first, second] = [left, this.#and()];
      left = (entry) => isTrue(first(entry)) || isTrue(second(entry));
    }
    return left;
  }

  #and(): Expression {
    let left = this.#comparison();
    while (this.#accept('&&') || this.#accept('and')) {
      const [first, second] = [left, this.#comparison()];
      left = (entry) => isTrue(first(entry)) && isTrue(second(entry));
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#sum();
    const negated = this.#accept('not');
    const { text, at } = this.#peek();
    if (!COMPARISONS.has(text) || this.#peek().kind === 'text') {
      if (negated) this.#fail("expected in, matches, contains, startsWith or endsWith behind 'not'");
      return left;
    }
    this.#next++;
    const right = this.#sum();
    const compare = this.#compare(text, left, right, at);
    return negated ? (entry) => !compare(entry) : compare;
  }

  #compare(sign: string, left: Expression, right: Expression, at: number): (entry: Entry) => boolean {
    switch (sign) {
      case '==': return (entry) => equals(left(entry), right(entry));
      case '!=': return (entry) => !equals(left(entry), right(entry));
      case '<': return (entry) => order(left(entry), right(entry)) < 0;
      case '<=': return (entry) => order(left(entry), right(entry)) <= 0;
      case '>': return (entry) => order(left(entry), right(entry)) > 0;
      case '>=': return (entry) => order(left(entry), right(entry)) >= 0;
      case 'in': return (entry) => isIn(left(entry), right(entry));
      case 'contains': return (entry) => both(left(entry), right(entry), (text, part) => text.includes(part));
      case 'startsWith': return (entry) => both(left(entry), right(entry), (text, part) => text.startsWith(part));
      case 'endsWith': return (entry) => both(left(entry), right(entry), (text, part) => text.endsWith(part));
      default: {
        const token = this.#tokens[this.#next - 1]!;
        if (token.kind !== 'text') throw new ExpressionError("expected a pattern in quotes behind 'matches'", this.#text, at);
        const test = patternTest(token.text, (what) => new ExpressionError(what, this.#text, token.at));
        return (entry) => {
          const text = left(entry);
          return typeof text === 'string' && test(text);
        };
      }
    }
  }

  #sum(): Expression {
    let left = this.#product();
    for (let sign = this.#oneOf('+', '-'); sign !== null; sign = this.#oneOf('+', '-')) {
      const [first, second] = [left, this.#product()];
      left = sign === '-' ? arithmetic(first, second, '-') : (entry) => {
        const [a, b] = [first(entry), second(entry)];
        return typeof a === 'string' || typeof b === 'string' ? (a === null || b === null ? null : textOf(a) + textOf(b)) : arithmetic(() => a, () => b, '+')(entry);
      };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#fallback();
    for (let sign = this.#oneOf('*', '/', '%'); sign !== null; sign = this.#oneOf('*', '/', '%')) left = arithmetic(left, this.#fallback(), sign);
    return left;
  }

  #fallback(): Expression {
    let left = this.#unary();
    while (this.#accept('??')) {
      const [first, second] = [left, this.#unary()];
      left = (entry) => first(entry) ?? second(entry);
    }
    return left;
  }

  #unary(): Expression {
    if (this.#accept('!') || this.#accept('not')) {
      const value = this.#unary();
      return (entry) => !isTrue(value(entry));
    }
    if (this.#accept('-')) return arithmetic(() => 0n, this.#unary(), '-');
    return this.#access(this.#primary());
  }

  #access(root: Expression): Expression {
    let value = root;
    for (;;) {
      const inner = value;
      if (this.#accept('.') || this.#accept('?.')) {
        const key = this.#take();
        if (key.kind !== 'name') this.#fail('expected a name behind the dot', key);
        value = (entry) => memberOf(inner(entry), key.text);
      } else if (this.#accept('[')) {
        const key = this.#choice();
        this.#expect(']');
        value = (entry) => memberOf(inner(entry), key(entry));
      } else return value;
    }
  }

  #primary(): Expression {
    const token = this.#take();
    if (token.kind === 'text') return () => token.text;
    if (token.kind === 'number') {
      const value = /^[\da-fxA-FX]+$/.test(token.text) && !/^\d+[eE]/.test(token.text) ? BigInt(token.text) : Number(token.text);
      return () => value;
    }
    if (token.kind === 'name') return this.#named(token);
    if (token.text === '(') {
      const inner = this.#choice();
      this.#expect(')');
      return inner;
    }
    if (token.text === '[') {
      const items = this.#list(']');
      return (entry) => items.map((item) => item(entry));
    }
    return this.#fail(token.kind === 'end' ? 'the expression ends too early' : `'${token.text}' cannot stand`, token);
  }

  #named(token: Token): Expression {
    const { text } = token;
    if (Object.hasOwn(CONSTANTS, text)) return () => CONSTANTS[text]!;
    if (this.#accept('(')) {
      const call = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text]! : this.#unknown('function', token, Object.keys(FUNCTIONS));
      const parameters = this.#list(')');
      if (parameters.length !== call.length) this.#fail(`${text} takes ${call.length} ${call.length === 1 ? 'argument' : 'arguments'}, not ${parameters.length}`, token);
      return (entry) => call(...parameters.map((parameter) => parameter(entry)));
    }
    return Object.hasOwn(ROOTS, text) ? ROOTS[text]! : this.#unknown('name', token, Object.keys(ROOTS));
  }

  #list(close: string): Expression[] {
    const items: Expression[] = [];
    if (this.#accept(close)) return items;
    do items.push(this.#choice()); while (this.#accept(','));
    this.#expect(close);
    return items;
  }

  #unknown(what: string, token: Token, known: readonly string[]): never {
    const nearest = nearestName(token.text, known);
    return this.#fail(`there is no ${what} '${token.text}'${nearest === null ? '' : ` (did you mean '${nearest}'?)`}; those there are: ${known.join(', ')};`, token);
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #accept(text: string): boolean {
    const token = this.#peek();
    if (token.kind === 'text' || token.kind === 'end' || token.text !== text) return false;
    this.#next++;
    return true;
  }

  #oneOf(...signs: readonly string[]): string | null {
    return signs.find((sign) => this.#accept(sign)) ?? null;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(`expected '${text}'`);
  }

  #fail(what: string, token = this.#peek()): never {
    throw new ExpressionError(what, this.#text, token.at);
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'matches', 'contains', 'startsWith', 'endsWith']);

function both(left: Value, right: Value, test: (left: string, right: string) => boolean): boolean {
  return typeof left === 'string' && typeof right === 'string' && test(left, right);
}

function memberOf(value: Value, key: Value): Value {
  if (value instanceof Map) return typeof key === 'string' ? (value.get(key) ?? null) : null;
  const place = asNumber(key);
  if (!Array.isArray(value) || place === null) return null;
  return (value as readonly Value[]).at(place) ?? null;
}

function arithmetic(left: Expression, right: Expression, sign: string): Expression {
  return (entry) => {
    const [a, b] = [left(entry), right(entry)];
    if (typeof a === 'bigint' && typeof b === 'bigint' && sign !== '/') return sign === '+' ? a + b : sign === '-' ? a - b : sign === '*' ? a * b : b === 0n ? null : a % b;
    const [x, y] = [asNumber(a), asNumber(b)];
    if (x === null || y === null) return null;
    return sign === '+' ? x + y : sign === '-' ? x - y : sign === '*' ? x * y : sign === '/' ? x / y : x % y;
  };
}
