import type { Call, Expr } from '../ast.js';
import { unwrapParens } from '../ast.js';
import { infoReference } from './calls/info-reference.js';
import type { Evaluation } from './evaluation.js';

/** Functions that depend on when they are evaluated, whatever their arguments are. */
const UNSAFE: ReadonlySet<string> = new Set(['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year', 'predict_linear', 'time', 'timestamp']);

/**
 * Whether Prometheus takes an expression to have the same value at every step, since `@` fixes all that it selects, and evaluates it
 * once. The parameter of an aggregation does not count: where the vector is fixed, it is that of the first step.
 */
export function isStepInvariant(expr: Expr, evaluation: Evaluation): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string': return true;
    case 'selector':
    case 'subquery': return expr.at !== null;
    case 'matrix': return expr.selector.at !== null;
    case 'call': return isInvariantCall(expr, evaluation);
    case 'aggregate':
    case 'paren':
    case 'unary': return isStepInvariant(expr.inner, evaluation);
    case 'binary': {
      let leftmost: Expr = expr;
      for (; leftmost.kind === 'binary'; leftmost = leftmost.left) if (!isStepInvariant(leftmost.right, evaluation)) return false;
      return isStepInvariant(leftmost, evaluation);
    }
  }
}

function isInvariantCall({ name, args }: Call, evaluation: Evaluation): boolean {
  const [first] = args;
  if (name === 'info' && first !== undefined) return isStepInvariant(first, evaluation) && infoReference(first, (offset) => evaluation.offsetMs(offset), evaluation) !== null;
  if (name === 'timestamp' && first !== undefined) {
    const inner = unwrapParens(first);
    return inner.kind === 'selector' && inner.at !== null;
  }
  return !UNSAFE.has(name) && args.every((arg) => isStepInvariant(arg, evaluation));
}
