import type { Duration, DurationExpr } from '../ast.js';
import { MAX_DURATION_MS } from './duration.js';
import { PromQLDurationError } from '../error.js';
import { power } from '../functions/instant/math.js';

/** What `step()` and `range()` stand for. Milliseconds. */
export interface DurationContext {
  readonly stepMs: number;
  readonly rangeMs: number;
  /** The query, of whose bytes errors name some. */
  readonly query: string;
}

/** A duration in whole milliseconds. Throws PromQLDurationError. `signed`: an offset, which may be negative or zero. */
export function durationMs(duration: Duration, context: DurationContext, signed: boolean): number {
  if (typeof duration === 'number') return duration;
  const seconds = evaluate(duration, context);
  if (!Number.isFinite(seconds)) fail(duration, context, 'duration is NaN or infinite');
  if (seconds <= 0 && !signed) fail(duration, context, 'duration must be greater than 0');
  if (Math.abs(seconds) * 1000 > MAX_DURATION_MS) fail(duration, context, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

function evaluate(expr: DurationExpr, context: DurationContext): number {
  switch (expr.kind) {
    case 'number': return expr.seconds;
    case 'step': return context.stepMs / 1000;
    case 'range': return context.rangeMs / 1000;
    case 'paren': return evaluate(expr.inner, context);
    case 'unary': return expr.op === '-' ? -evaluate(expr.inner, context) : evaluate(expr.inner, context);
    case 'binary': {
      const [left, right] = [evaluate(expr.left, context), evaluate(expr.right, context)];
      if (right === 0 && expr.op === '/') fail(expr, context, 'division by zero');
      if (right === 0 && expr.op === '%') fail(expr, context, 'modulo by zero');
      switch (expr.op) {
        case '+': return left + right;
        case '-': return left - right;
        case '*': return left * right;
        case '/': return left / right;
        case '%': return left % right;
        case '^': return power(left, right);
        case 'min_of': return Math.min(left, right);
        case 'max_of': return Math.max(left, right);
      }
    }
  }
}

/** Prometheus names start and end of the part here, as offsets in bytes of UTF-8. */
function fail({ range }: DurationExpr, { query }: DurationContext, message: string): never {
  const [start, end] = [range.start, range.end].map((offset) => Buffer.byteLength(query.slice(0, offset)));
  throw new PromQLDurationError(`${start}:${end}: ${message}`);
}
