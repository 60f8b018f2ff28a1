import { matcherText } from '../../labels/matcher.js';
import type { Expr } from '../ast.js';
import { printPromQL } from '../print.js';
import type { SeriesRead } from './evaluation.js';

/** A part of a query, with what it is made of. */
export interface PlanNode {
  /** The kind of node, with its name where it has one: `aggregate sum`, `call rate`, `selector`. */
  readonly node: string;
  readonly expression: string;
  readonly inner: readonly PlanNode[];
}

/** What was asked of the reader: matchers and times are pushed down, everything else is computed here. */
export interface PushedDown {
  readonly matchers: readonly string[];
  /** Unix milliseconds, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly series: number;
  readonly samples: number;
}

export interface Explanation {
  readonly plan: PlanNode;
  /** In the order in which they were read. */
  readonly reads: readonly PushedDown[];
  readonly samplesRead: number;
  /** Samples held at the most, histograms by their size. */
  readonly samplesPeak: number;
}

export function explanation(expr: Expr, reads: readonly SeriesRead[], samplesPeak: number): Explanation {
  return {
    plan: planOf(expr),
    reads: reads.map(({ matchers, ...read }) => ({ matchers: matchers.map(matcherText), ...read })),
    samplesRead: reads.reduce((total, { samples }) => total + samples, 0),
    samplesPeak,
  };
}

/** Longest expression that is shown. */
const SHOWN = 200;

function planOf(expr: Expr): PlanNode {
  const text = printPromQL(expr);
  return { node: nameOf(expr), expression: text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text, inner: partsOf(expr).map(planOf) };
}

function nameOf(expr: Expr): string {
  switch (expr.kind) {
    case 'call': return `call ${expr.name}`;
    case 'aggregate': return `aggregate ${expr.op}`;
    case 'binary': return `binary ${expr.op}`;
    default: return expr.kind;
  }
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call': return expr.args;
    case 'aggregate': return expr.param === null ? [expr.inner] : [expr.param, expr.inner];
    case 'binary': return [expr.left, expr.right];
    case 'matrix': return [expr.selector];
    case 'subquery':
    case 'paren':
    case 'unary': return [expr.inner];
    default: return [];
  }
}
