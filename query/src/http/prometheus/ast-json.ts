import type { Matcher } from '../../readers.js';
import type { At, Binary, Expr, VectorSelector } from '../../promql/ast.js';
import { isSetOp } from '../../promql/ast.js';
import { typeOf } from '../../promql/check.js';
import { SIGNATURES } from '../../promql/functions/signatures.js';
import { formatPlain } from '../../promql/number-text.js';

/** An expression as `parse_query` answers it (Prometheus' web/api/v1/translate_ast.go): what its query page draws as a tree. */
export function astJson(expr: Expr): object {
  switch (expr.kind) {
    case 'number': return { type: 'numberLiteral', val: formatPlain(expr.value) };
    case 'string': return { type: 'stringLiteral', val: expr.value };
    case 'selector': return { type: 'vectorSelector', ...selectorJson(expr) };
    case 'matrix': return { type: 'matrixSelector', ...selectorJson(expr.selector), range: expr.rangeMs, rangeExpr: null };
    case 'subquery': return {
      type: 'subquery', expr: astJson(expr.inner), offset: expr.offsetMs, offsetExpr: null, range: expr.rangeMs, rangeExpr: null,
      step: expr.stepMs ?? 0, stepExpr: null, ...atJson(expr.at),
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

function selectorJson({ name, matchers, offsetMs, at }: VectorSelector): object {
  return { name, offset: offsetMs, offsetExpr: null, matchers: nameLast(name, matchers).map(matcherJson), ...atJson(at), anchored: false, smoothed: false };
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
    fillValues: { lhs: null, rhs: null },
  };
}

function functionJson(name: string): object {
  const signature = SIGNATURES.get(name);
  return { name, argTypes: signature?.args ?? [], variadic: signature?.variadic ?? 0, returnType: signature?.returns ?? 'vector' };
}
