import type { Expr } from '../ast.js';

/** Functions that depend on when they are evaluated, whatever their arguments are. */
const UNSAFE: ReadonlySet<string> = new Set([
  'days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year', 'predict_linear', 'time', 'timestamp', 'start', 'end', 'step', 'range',
]);

/** Whether an expression has the same value at every step, since `@` fixes all that it selects: Prometheus evaluates it once. */
export function isStepInvariant(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string': return true;
    case 'selector':
    case 'subquery': return expr.at !== null;
    case 'matrix': return expr.selector.at !== null;
    case 'call': return !UNSAFE.has(expr.name) && expr.args.every(isStepInvariant);
    case 'aggregate':
    case 'paren':
    case 'unary': return isStepInvariant(expr.inner);
    case 'binary': {
      let leftmost: Expr = expr;
      for (; leftmost.kind === 'binary'; leftmost = leftmost.left) if (!isStepInvariant(leftmost.right)) return false;
      return isStepInvariant(leftmost);
    }
  }
}
