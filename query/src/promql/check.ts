import { valueMatcher } from '../labels/matcher.js';
import type { Aggregate, Binary, Call, Expr, Range, ValueType, VectorSelector } from './ast.js';
import { isComparison, isSetOp } from './ast.js';
import { PromQLParseError } from './error.js';
import { SIGNATURES } from './functions/signatures.js';

const DOCUMENTED: Readonly<Record<ValueType, string>> = { scalar: 'scalar', vector: 'instant vector', matrix: 'range vector', string: 'string' };

/** The type of an expression that has been checked. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number': return 'scalar';
    case 'string': return 'string';
    case 'selector':
    case 'aggregate': return 'vector';
    case 'matrix':
    case 'subquery': return 'matrix';
    case 'call': return SIGNATURES.get(expr.name)?.returns ?? 'vector';
    case 'paren':
    case 'unary': return typeOf(expr.inner);
    case 'binary': {
      let leftmost: Expr = expr;
      for (; leftmost.kind === 'binary'; leftmost = leftmost.left) if (typeOf(leftmost.right) === 'vector') return 'vector';
      return typeOf(leftmost) === 'scalar' ? 'scalar' : 'vector';
    }
  }
}

/** Checks types as Prometheus' parser does, with its texts. Throws PromQLParseError. */
export function checkTypes(expr: Expr, query: string, experimental: boolean): void {
  new Checker(query, experimental).check(expr);
}

class Checker {
  constructor(readonly query: string, readonly experimental: boolean) {}

  check(expr: Expr): ValueType {
    switch (expr.kind) {
      case 'aggregate':
        this.#aggregate(expr);
        break;
      case 'binary':
        return this.#binary(expr);
      case 'call':
        this.#call(expr);
        break;
      case 'paren':
        return this.check(expr.inner);
      case 'unary': {
        const type = this.check(expr.inner);
        if (type !== 'scalar' && type !== 'vector') this.#fail(expr.range, `unary expression only allowed on expressions of type scalar or instant vector, got "${DOCUMENTED[type]}"`);
        return type;
      }
      case 'subquery': {
        const type = this.check(expr.inner);
        if (type !== 'vector') this.#fail(expr.range, `subquery is only allowed on instant vector, got ${type} instead`);
        break;
      }
      case 'matrix':
        this.#selector(expr.selector);
        break;
      case 'selector':
        this.#selector(expr);
        break;
      default:
    }
    return typeOf(expr);
  }

  #aggregate({ op, param, inner, range }: Aggregate): void {
    if (!this.experimental && (op === 'limitk' || op === 'limit_ratio')) this.#fail(range, `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`);
    this.#expect(inner, 'vector', 'aggregation expression');
    if (param !== null) this.#expect(param, op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
  }

  #binary(expr: Binary): ValueType {
    const spine: Binary[] = [];
    let leftmost: Expr = expr;
    for (; leftmost.kind === 'binary'; leftmost = leftmost.left) spine.push(leftmost);
    let left = this.check(leftmost);
    for (const link of spine.reverse()) left = this.#operation(link, left, this.check(link.right));
    return left;
  }

  #operation({ op, bool, matching, left: leftExpr, right: rightExpr, range, operatorRange }: Binary, left: ValueType, right: ValueType): ValueType {
    if (bool && !isComparison(op)) this.#fail(operatorRange, 'bool modifier can only be used on comparison operators');
    if (isComparison(op) && !bool && left === 'scalar' && right === 'scalar') this.#fail(operatorRange, 'comparisons between scalars must use BOOL modifier');
    const twice = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined;
    if (twice !== undefined) this.#fail(operatorRange, `label "${twice}" must not occur in ON and GROUP clause at once`);
    for (const [type, side] of [[left, leftExpr], [right, rightExpr]] as const) {
      if (type !== 'scalar' && type !== 'vector') this.#fail(side.range, 'binary expression must contain only scalar and instant vector types');
    }
    const bothVectors = left === 'vector' && right === 'vector';
    const fills = matching.fillLeft !== null || matching.fillRight !== null;
    if (!bothVectors && matching.labels.length > 0) this.#fail(range, 'vector matching only allowed between instant vectors');
    if (!bothVectors && fills) this.#fail(range, 'filling in missing series only allowed between instant vectors');
    if (bothVectors && isSetOp(op) && matching.cardinality !== 'one-to-one') this.#fail(range, `no grouping allowed for "${op}" operation`);
    if (bothVectors && isSetOp(op) && fills) this.#fail(range, 'filling in missing series not allowed for set operators');
    if (!bothVectors && isSetOp(op)) this.#fail(range, `set operator "${op}" not allowed in binary scalar expression`);
    return left === 'scalar' && right === 'scalar' ? 'scalar' : 'vector';
  }

  #call({ name, args, range }: Call): void {
    const signature = SIGNATURES.get(name);
    if (signature === undefined) return this.#fail(range, `unknown function with name "${name}"`);
    if (signature.experimental && !this.experimental) this.#fail(range, `function "${name}" is not enabled`);
    const wanted = signature.args.length;
    if (signature.variadic === 0) {
      if (args.length !== wanted) this.#fail(range, `expected ${wanted} argument(s) in call to "${name}", got ${args.length}`);
    } else {
      const least = wanted - 1;
      if (args.length < least) this.#fail(range, `expected at least ${least} argument(s) in call to "${name}", got ${args.length}`);
      const most = least + signature.variadic;
      if (signature.variadic > 0 && args.length > most) this.#fail(range, `expected at most ${most} argument(s) in call to "${name}", got ${args.length}`);
    }
    if (name === 'info' && args[1] !== undefined) this.#labelSelector(args[1], range);
    args.forEach((arg, i) => {
      if (name === 'info' && i === 1) return;
      const type = this.check(arg);
      const expected = signature.args[Math.min(i, wanted - 1)];
      if (expected !== undefined && type !== expected) this.#fail(arg.range, `expected type ${DOCUMENTED[expected]} in call to function "${name}", got ${DOCUMENTED[type]}`);
    });
  }

  /** The second argument of info(): matchers in braces, which may match everything. */
  #labelSelector(arg: Expr, range: Range): void {
    const type = typeOf(arg);
    if (type !== 'vector') this.#fail(range, `expected type instant vector in call to function "info", got ${DOCUMENTED[type]}`);
    if (arg.kind !== 'selector') return this.#fail(arg.range, 'expected label selectors only');
    if (arg.name !== '') this.#fail(arg.range, 'expected label selectors only, got vector selector instead');
  }

  #selector({ name, matchers, range }: VectorSelector): void {
    if (name !== '') {
      const other = matchers.slice(0, -1).find((matcher) => matcher.name === '__name__');
      if (other !== undefined) this.#fail(range, `metric name must not be set twice: "${name}" or "${other.value}"`);
    } else if (!matchers.some((matcher) => !valueMatcher(matcher)(''))) {
      this.#fail(range, 'vector selector must contain at least one non-empty matcher');
    }
  }

  #expect(expr: Expr, wanted: ValueType, context: string): void {
    const type = this.check(expr);
    if (type !== wanted) this.#fail(expr.range, `expected type ${DOCUMENTED[wanted]} in ${context}, got ${DOCUMENTED[type]}`);
  }

  #fail(range: Range, message: string): never {
    throw new PromQLParseError(message, this.query, range);
  }
}
