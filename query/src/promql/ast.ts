import type { Matcher } from '../readers.js';

/** Where a part of a query stands: UTF-16 offsets, the end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** The `@` modifier. */
export type At = { readonly kind: 'time'; readonly timeMs: number } | { readonly kind: 'start' } | { readonly kind: 'end' };

/** A duration that is computed when the query runs. Values are in seconds. */
export type DurationExpr =
  | { readonly kind: 'number'; readonly range: Range; readonly seconds: number; readonly duration: boolean }
  | { readonly kind: 'step' | 'range'; readonly range: Range }
  | { readonly kind: 'paren'; readonly range: Range; readonly inner: DurationExpr }
  | { readonly kind: 'unary'; readonly range: Range; readonly op: '+' | '-'; readonly inner: DurationExpr }
  | { readonly kind: 'binary'; readonly range: Range; readonly op: '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of'; readonly left: DurationExpr; readonly right: DurationExpr };

/** Milliseconds where the query says them outright, else an expression. */
export type Duration = number | DurationExpr;

/** `anchored` takes the sample before a range in, `smoothed` draws lines between the samples around its edges. */
export type Extension = 'anchored' | 'smoothed';

export interface NumberLiteral {
  readonly kind: 'number';
  readonly range: Range;
  readonly value: number;
  /** Written as a duration: `5m` is 300. */
  readonly duration: boolean;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly range: Range;
  readonly value: string;
}

export interface VectorSelector {
  readonly kind: 'selector';
  readonly range: Range;
  /** The name in front of the braces, '' where there is none. It is among the matchers too. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly offsetMs: Duration;
  readonly at: At | null;
  readonly extension: Extension | null;
}

export interface MatrixSelector {
  readonly kind: 'matrix';
  readonly range: Range;
  /** With the matrix selector's offset and `@`. */
  readonly selector: VectorSelector;
  readonly rangeMs: Duration;
}

export interface Subquery {
  readonly kind: 'subquery';
  readonly range: Range;
  readonly inner: Expr;
  readonly rangeMs: Duration;
  /** Null: the engine's default. */
  readonly stepMs: Duration | null;
  readonly offsetMs: Duration;
  readonly at: At | null;
}

export interface Call {
  readonly kind: 'call';
  readonly range: Range;
  readonly name: string;
  readonly args: readonly Expr[];
}

export const AGGREGATORS = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio'] as const;
export type Aggregator = (typeof AGGREGATORS)[number];

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly range: Range;
  readonly op: Aggregator;
  readonly param: Expr | null;
  readonly inner: Expr;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOp = '==' | '!=' | '>' | '<' | '>=' | '<=';
export type SetOp = 'and' | 'or' | 'unless';
/** On native histograms: the observations below, or above, a value. */
export type TrimOp = '</' | '>/';
export type BinaryOp = ArithmeticOp | ComparisonOp | SetOp | TrimOp;

export interface Matching {
  /** `on` names the labels that must agree, otherwise those that need not. */
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many';
  /** Labels taken from the one side. */
  readonly include: readonly string[];
  /** What stands in for a series that the left or the right side lacks; null: nothing does. */
  readonly fillLeft: number | null;
  readonly fillRight: number | null;
}

export interface Binary {
  readonly kind: 'binary';
  readonly range: Range;
  /** Of the operator with its modifiers. */
  readonly operatorRange: Range;
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly bool: boolean;
  readonly matching: Matching;
}

export interface Unary {
  readonly kind: 'unary';
  readonly range: Range;
  readonly op: '+' | '-';
  readonly inner: Expr;
}

/** Any number of parentheses around one expression. */
export interface Paren {
  readonly kind: 'paren';
  readonly range: Range;
  readonly inner: Expr;
  readonly depth: number;
}

export type Expr = NumberLiteral | StringLiteral | VectorSelector | MatrixSelector | Subquery | Call | Aggregate | Binary | Unary | Paren;

export function unwrapParens(expr: Expr): Exclude<Expr, Paren> {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.inner;
  return inner;
}

export function isComparison(op: BinaryOp): op is ComparisonOp {
  return op === '==' || op === '!=' || op === '>' || op === '<' || op === '>=' || op === '<=';
}

export function isSetOp(op: BinaryOp): op is SetOp {
  return op === 'and' || op === 'or' || op === 'unless';
}
