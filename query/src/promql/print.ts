import { goQuote } from '../go/strconv.js';
import type { Matcher } from '../readers.js';
import type { Aggregate, At, Binary, Duration, DurationExpr, Expr, Extension, VectorSelector } from './ast.js';
import { typeOf } from './check.js';
import { formatPrometheusDuration } from './durations/duration.js';
import { formatG, formatPlain, formatValue } from './numbers/number-text.js';

/** Longest line that an expression is left on. */
const LINE_LENGTH = 100;

/** An expression on one line, as Prometheus writes it. */
export function printPromQL(expr: Expr): string {
  switch (expr.kind) {
    case 'number': return expr.duration ? durationText(expr.value) : formatPlain(expr.value);
    case 'string': return goQuote(expr.value);
    case 'selector': return `${selectorText(expr)}${atText(expr.at)}${extensionText(expr.extension)}${offsetText(expr.offsetMs)}`;
    case 'matrix': return `${selectorText(expr.selector)}[${printDuration(expr.rangeMs)}]${extensionText(expr.selector.extension)}${atText(expr.selector.at)}${offsetText(expr.selector.offsetMs)}`;
    case 'subquery': return `${printPromQL(expr.inner)}${subqueryText(expr)}`;
    case 'call': return `${expr.name}(${expr.args.map(printPromQL).join(', ')})`;
    case 'aggregate': return `${aggregateHead(expr)}(${expr.param === null ? '' : `${printPromQL(expr.param)}, `}${printPromQL(expr.inner)})`;
    case 'unary': return `${expr.op}${printPromQL(expr.inner)}`;
    case 'paren': return `${'('.repeat(expr.depth)}${printPromQL(expr.inner)}${')'.repeat(expr.depth)}`;
    case 'binary': {
      // A chain of operators may be long: it is walked, not recursed into.
      const pieces: string[] = [];
      let leftmost: Expr = expr;
      for (; leftmost.kind === 'binary'; leftmost = leftmost.left) pieces.push(printPromQL(leftmost.right), operatorText(leftmost));
      return [printPromQL(leftmost), ...pieces.reverse()].join(' ');
    }
  }
}

/** An expression over several lines where it is too long for one. */
export function prettyPromQL(expr: Expr, level = 0): string {
  const indent = '  '.repeat(level);
  const whole = printPromQL(expr);
  if (Buffer.byteLength(whole) <= LINE_LENGTH) return expr.kind === 'subquery' ? whole : indent + whole;
  switch (expr.kind) {
    case 'aggregate': {
      const args = [...(expr.param === null ? [] : [expr.param]), expr.inner];
      return `${indent}${aggregateHead(expr)}(\n${args.map((arg) => prettyPromQL(arg, level + 1)).join(',\n')}\n${indent})`;
    }
    case 'call': return `${indent}${expr.name}(\n${expr.args.map((arg) => prettyPromQL(arg, level + 1)).join(',\n')}\n${indent})`;
    case 'binary': return `${prettyPromQL(expr.left, level + 1)}\n${indent}${operatorText(expr)}\n${prettyPromQL(expr.right, level + 1)}`;
    case 'paren': return `${indent}(\n${prettyPromQL(expr.depth > 1 ? { ...expr, depth: expr.depth - 1 } : expr.inner, level + 1)}\n${indent})`;
    case 'subquery': return `${prettyPromQL(expr.inner, level)}${subqueryText(expr)}`;
    case 'unary': return `${indent}${expr.op}${prettyPromQL(expr.inner, level).trimStart()}`;
    default: return indent + whole;
  }
}

/** A duration of a selector or subquery. */
export function printDuration(duration: Duration): string {
  return typeof duration === 'number' ? formatPrometheusDuration(duration) : durationExprText(duration);
}

function durationExprText(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'number': return expr.duration ? durationText(expr.seconds) : formatValue(expr.seconds);
    case 'step':
    case 'range': return `${expr.kind}()`;
    // Parentheses in parentheses are one pair, and a plus is not shown.
    case 'paren': return expr.inner.kind === 'paren' ? durationExprText(expr.inner) : `(${durationExprText(expr.inner)})`;
    case 'unary': return `${expr.op === '-' ? '-' : ''}${durationExprText(expr.inner)}`;
    case 'binary': {
      const [left, right] = [durationExprText(expr.left), durationExprText(expr.right)];
      return expr.op === 'min_of' || expr.op === 'max_of' ? `${expr.op}(${left}, ${right})` : `${left} ${expr.op} ${right}`;
    }
  }
}

function durationText(seconds: number): string {
  return formatPrometheusDuration(Math.round(seconds * 1000));
}

/** Matchers in the order of their texts. */
function selectorText({ name, matchers }: VectorSelector): string {
  const shown = matchers.filter((matcher) => matcher.name !== '__name__' || matcher.op !== '=' || matcher.value !== name || name === '');
  return shown.length === 0 ? name : `${name}{${shown.map(matcherText).sort(compareBytes).join(',')}}`;
}

function matcherText({ name, op, value }: Matcher): string {
  return `${labelText(name)}${op}${goQuote(value)}`;
}

/** Go sorts texts by their bytes. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function extensionText(extension: Extension | null): string {
  return extension === null ? '' : ` ${extension}`;
}

function atText(at: At | null): string {
  if (at === null) return '';
  return at.kind === 'time' ? ` @ ${(at.timeMs / 1000).toFixed(3)}` : ` @ ${at.kind}()`;
}

function offsetText(offsetMs: Duration): string {
  return offsetMs === 0 ? '' : ` offset ${printDuration(offsetMs)}`;
}

function subqueryText(expr: Extract<Expr, { kind: 'subquery' }>): string {
  return `[${printDuration(expr.rangeMs)}:${expr.stepMs === null ? '' : printDuration(expr.stepMs)}]${atText(expr.at)}${offsetText(expr.offsetMs)}`;
}

function aggregateHead({ op, grouping, without }: Aggregate): string {
  if (without) return `${op} without (${grouping.map(labelText).join(', ')}) `;
  return grouping.length === 0 ? op : `${op} by (${grouping.map(labelText).join(', ')}) `;
}

function operatorText({ op, bool, matching, left, right }: Binary): string {
  let text = bool ? `${op} bool` : op;
  if (!matching.on && matching.labels.length === 0 && matching.cardinality === 'one-to-one' && matching.fillLeft === null && matching.fillRight === null) return text;
  // Between a vector and a number nothing is matched.
  if (typeOf(left) !== 'vector' || typeOf(right) !== 'vector') return text;
  if (matching.on || matching.labels.length > 0 || matching.cardinality !== 'one-to-one') text += ` ${matching.on ? 'on' : 'ignoring'} (${matching.labels.map(labelText).join(', ')})`;
  if (matching.cardinality !== 'one-to-one') text += ` group_${matching.cardinality === 'many-to-one' ? 'left' : 'right'} (${matching.include.map(labelText).join(', ')})`;
  const { fillLeft, fillRight } = matching;
  if (fillLeft !== null && fillLeft === fillRight) return `${text} fill (${formatG(fillLeft)})`;
  if (fillLeft !== null) text += ` fill_left (${formatG(fillLeft)})`;
  if (fillRight !== null) text += ` fill_right (${formatG(fillRight)})`;
  return text;
}

function labelText(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : goQuote(name);
}
