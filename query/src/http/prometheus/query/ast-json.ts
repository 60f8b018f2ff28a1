import type { Matcher } from '../../../readers.js';
import type { At, Binary, Duration, DurationExpr, Expr, VectorSelector } from '../../../promql/ast.js';
import { isSetOp } from '../../../promql/ast.js';
import { typeOf } from '../../../promql/check.js';
import { SIGNATURES } from '../../../promql/functions/signatures.js';
import { formatPlain } from '../../../promql/numbers/number-text.js';

/** An expression as `parse_query` answers it (Prometheus' web/api/v1/translate_ast.go): what its query page draws as a tree. */
export function astJson(expr: Expr): object {
  switch (expr.kind) {
    case 'number': return { type: 'numberLiteral', val: formatPlain(expr.value) };
    case 'string': return { type: 'stringLiteral', val: expr.value };
    case 'selector': return { type: 'vectorSelector', ...selectorJson(expr) };
    case 'matrix': return { type: 'matrixSelector', ...selectorJson(expr.selector), ...durationJson('range', expr.rangeMs) };
    case 'subquery': return {
      type: 'subquery', expr: astJson(expr.inner), ...durationJson('offset', expr.offsetMs), ...durationJson('range', expr.rangeMs),
      ...durationJson('step', expr.stepMs ?? 0), ...atJson(expr.at),
    };
    case 'call': return { type: 'call', func: functionJson(expr.name), args: expr.args.map(astJson) };
    case 'aggregate': return {
      type: 'aggregation', op: expr.op, expr: astJson(expr.inner), param: expr.param === null ? null : astJson(expr.param), grouping: expr.grouping, without: expr.without,
    };
    case 'unary': return { type: 'unaryExpr', op: expr.op, expr: astJson(expr.inner) };
    case 'paren': {
      let json = astJson(expr.inner);
      for (let depth = 0; depth < expr.depth; depth++) json = { type: 'parenExpr', expr: json };
      return json;
    }
    case 'binary': return { type: 'binaryExpr', op: expr.op, lhs: astJson(expr.left), rhs: astJson(expr.right), matching: matchingJson(expr), bool: expr.bool };
  }
}

function selectorJson({ name, matchers, offsetMs, at, extension }: VectorSelector): object {
  return {
    name, ...durationJson('offset', offsetMs), matchers: nameLast(name, matchers).map(matcherJson), ...atJson(at),
    anchored: extension === 'anchored', smoothed: extension === 'smoothed',
  };
}

/** Milliseconds, or the expression that gives them. */
function durationJson(field: 'offset' | 'range' | 'step', duration: Duration): object {
  if (typeof duration === 'number') return { [field]: duration, [`${field}Expr`]: null };
  return { [field]: 0, [`${field}Expr`]: durationExprJson(duration, false) };
}

function durationExprJson(expr: DurationExpr, wrapped: boolean): object {
  switch (expr.kind) {
    case 'number': return { type: 'numberLiteral', val: formatPlain(expr.seconds), duration: expr.duration };
    case 'paren': {
      const inner = durationExprJson(expr.inner, true);
      // Prometheus keeps the parentheses of a number as a plus before it.
      return 'val' in inner ? { type: 'durationExpr', op: '+', lhs: null, rhs: inner, wrapped: true } : inner;
    }
    case 'step':
    case 'range': return { type: 'durationExpr', op: expr.kind, lhs: null, rhs: null, wrapped };
    case 'unary': return { type: 'durationExpr', op: expr.op, lhs: null, rhs: durationExprJson(expr.inner, false), wrapped };
    case 'binary': return { type: 'durationExpr', op: expr.op, lhs: durationExprJson(expr.left, false), rhs: durationExprJson(expr.right, false), wrapped };
  }
}

/** The name in front of the braces comes after what stands in them. */
function nameLast(name: string, matchers: readonly Matcher[]): readonly Matcher[] {
  const at = name === '' ? -1 : matchers.findIndex((matcher) => matcher.name === '__name__' && matcher.op === '=' && matcher.value === name);
  const own = matchers[at];
  return own === undefined ? matchers : [...matchers.filter((_, i) => i !== at), own];
}

function matcherJson({ name, op, value }: Matcher): object {
  return { name, type: op, value };
}

function atJson(at: At | null): object {
  return { timestamp: at?.kind === 'time' ? at.timeMs : null, startOrEnd: at === null || at.kind === 'time' ? null : at.kind };
}

/** Null where not both sides are vectors: nothing is matched there. */
function matchingJson({ op, left, right, matching }: Binary): object | null {
  if (typeOf(left) !== 'vector' || typeOf(right) !== 'vector') return null;
  return {
    card: isSetOp(op) ? 'many-to-many' : matching.cardinality, labels: matching.labels, on: matching.on, include: matching.include,
    fillValues: { lhs: matching.fillLeft, rhs: matching.fillRight },
  };
}

function functionJson(name: string): object {
  const signature = SIGNATURES.get(name);
  return { name, argTypes: signature?.args ?? [], variadic: signature?.variadic ?? 0, returnType: signature?.returns ?? 'vector' };
}
