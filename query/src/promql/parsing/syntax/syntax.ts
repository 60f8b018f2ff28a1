import type { SyntaxNode, Tree } from '@lezer/common';
import type { Matcher } from '../../../readers.js';
import { valueMatcher } from '../../../labels/matcher.js';
import { RegexpError } from '../../../regexp/linear.js';
import type { Aggregator, At, Binary, BinaryOp, Expr, Extension, Matching, MatrixSelector, Range, Subquery, VectorSelector } from '../../ast.js';
import { AGGREGATORS } from '../../ast.js';
import { PrometheusDurationError } from '../../durations/duration.js';
import { PromQLParseError } from '../../error.js';
import { formatF } from '../../numbers/number-text.js';
import { DurationConverter } from './duration-syntax.js';
import { LiteralError, numberOf, stringOf } from '../scanning/literal.js';
import { chainOf, PRECEDENCE } from '../chains/operator-chain.js';
import type { Link } from '../chains/operator-chain.js';
import { childrenOf, expressionIn, rangeOf } from './syntax-nodes.js';

/** Nesting that is converted; parentheses and chains of operators do not count. */
const MAX_DEPTH = 1000;

const WITH_PARAM: ReadonlySet<Aggregator> = new Set<Aggregator>(['topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio']);

/** Turns the grammar's tree, which has no errors, into the expression. Throws PromQLParseError. */
export class SyntaxConverter {
  #depth = 0;
  readonly #unfolding = new Set<number>();

  readonly #durations: DurationConverter;

  /**
   * `chains`: operators in a row, pair by pair, that a number stands for in the tree; by its offset. `offsets`: durations that
   * another one stands for behind `offset`.
   */
  constructor(
    readonly query: string, readonly options: { readonly extendedRangeSelectors: boolean; readonly fillModifiers: boolean },
    readonly chains: ReadonlyMap<number, readonly Tree[]> = new Map(), readonly offsets: ReadonlyMap<number, SyntaxNode> = new Map(),
  ) {
    this.#durations = new DurationConverter(query);
  }

  convert(tree: Tree): Expr {
    return this.#expr(expressionIn(tree.topNode) ?? this.#fail('no expression found in input', { from: 0, to: this.query.length }));
  }

  #expr(node: SyntaxNode): Expr {
    if (++this.#depth > MAX_DEPTH) this.#fail('the expression nests too deeply', node);
    try {
      return this.#convert(node);
    } finally {
      this.#depth--;
    }
  }

  /** The grammar binds postfixes and signs too loosely, so a chain of operators is taken apart and put together anew. */
  #convert(node: SyntaxNode): Expr {
    return this.#climb(chainOf(node, this.query), node);
  }

  /** Of each pair the left operand is the right one of the pair before. */
  #longChain(pairs: readonly Tree[], node: SyntaxNode): Expr {
    const links = pairs.flatMap(({ topNode }, i) => {
      const whole = topNode.firstChild ?? topNode;
      const pair = chainOf(expressionIn(whole) ?? whole, this.query);
      return i === 0 ? pair : pair.slice(pair.findIndex(({ kind }) => kind === 'operator'));
    });
    return this.#climb(links, node);
  }

  #climb(chain: readonly Link[], node: SyntaxNode): Expr {
    let at = 0;
    const primary = (): Expr => {
      const item = chain[at++];
      if (item?.kind === 'sign') return this.#signed(item, climb(PRECEDENCE['^'] ?? 0));
      if (item?.kind !== 'atom') return this.#fail('unexpected end of input', node);
      let expr = this.#atom(item.node, item.from);
      for (let next = chain[at]; next?.kind === 'postfix'; next = chain[at]) {
        expr = this.#postfixed(expr, next.node);
        at++;
      }
      return expr;
    };
    const climb = (least: number): Expr => {
      if (++this.#depth > MAX_DEPTH) this.#fail('the expression nests too deeply', node);
      let left = primary();
      for (let next = chain[at]; next?.kind === 'operator' && next.precedence >= least; next = chain[at]) {
        at++;
        const right = climb(next.op === '^' ? next.precedence : next.precedence + 1);
        left = this.#operation(next.node, next.op, left, right);
      }
      this.#depth--;
      return left;
    };
    return climb(0);
  }

  #atom(node: SyntaxNode, from: number): Expr {
    switch (node.name) {
      case 'ParenExpr': return this.#paren(node);
      case 'NumberDurationLiteral': {
        const pairs = this.chains.get(node.from);
        if (pairs !== undefined && !this.#unfolding.has(node.from)) return this.#unfolded(pairs, node);
        return { kind: 'number', range: { start: from, end: node.to }, ...this.#number({ from, to: node.to }) };
      }
      case 'StringLiteral': return { kind: 'string', range: rangeOf(node), value: this.#string(node) };
      case 'VectorSelector': return this.#selector(node);
      case 'AggregateExpr': return this.#aggregate(node);
      case 'FunctionCall': return this.#call(node);
      default: return this.#fail(`unexpected ${node.name}`, node);
    }
  }

  /** The chain begins where the number stands that it is folded into: its first operand is not folded once more. */
  #unfolded(pairs: readonly Tree[], node: SyntaxNode): Expr {
    this.#unfolding.add(node.from);
    try {
      return this.#longChain(pairs, node);
    } finally {
      this.#unfolding.delete(node.from);
    }
  }

  #postfixed(expr: Expr, node: SyntaxNode): Expr {
    switch (node.name) {
      case 'MatrixSelector': return this.#matrix(expr, node);
      case 'SubqueryExpr': return this.#subquery(expr, node);
      case 'OffsetExpr': return this.#offset(expr, node);
      case 'StepInvariantExpr': return this.#at(expr, node);
      default: return this.#extended(expr, node, node.name === 'AnchoredExpr' ? 'anchored' : 'smoothed');
    }
  }

  #paren(node: SyntaxNode): Expr {
    let inner = node;
    let depth = 0;
    for (; inner.name === 'ParenExpr'; depth++) inner = expressionIn(inner) ?? this.#fail('no expression found in input', inner);
    return { kind: 'paren', range: rangeOf(node), inner: this.#expr(inner), depth };
  }

  #signed({ op, from }: { op: '+' | '-'; from: number }, inner: Expr): Expr {
    const range = { start: from, end: inner.range.end };
    if (inner.kind === 'number') return { ...inner, range, value: op === '-' ? -inner.value : inner.value };
    return { kind: 'unary', range, op, inner };
  }

  #operation(node: SyntaxNode, op: string, left: Expr, right: Expr): Binary {
    const fill = node.getChild('FillModifier');
    if (fill !== null && !this.options.fillModifiers) this.#fail('binop fill modifiers are experimental and not enabled', { start: left.range.start, end: right.range.end });
    const between = this.query.slice(left.range.end, right.range.start);
    const start = left.range.end + (between.length - between.trimStart().length);
    return {
      kind: 'binary', range: { start: left.range.start, end: right.range.end }, operatorRange: { start, end: start + between.trim().length },
      op: op as BinaryOp, left, right, bool: node.getChild('BoolModifier') !== null, matching: this.#matching(node.getChild('MatchingModifierClause'), fill),
    };
  }

  #matching(node: SyntaxNode | null, fill: SyntaxNode | null): Matching {
    const value = (...clauses: string[]): number | null => {
      const literal = clauses.map((clause) => fill?.getChild(clause)?.getChild('NumberDurationLiteral')).find((found) => found !== null && found !== undefined);
      return literal === undefined || literal === null ? null : this.#number(literal).value;
    };
    const fills = { fillLeft: value('FillClause', 'FillLeftClause'), fillRight: value('FillClause', 'FillRightClause') };
    if (node === null) return { on: false, labels: [], cardinality: 'one-to-one', include: [], ...fills };
    const [labels, include] = node.getChildren('GroupingLabels').map((list) => this.#labels(list));
    const cardinality = node.getChild('GroupLeft') !== null ? 'many-to-one' : node.getChild('GroupRight') !== null ? 'one-to-many' : 'one-to-one';
    return { on: node.getChild('On') !== null, labels: labels ?? [], cardinality, include: include ?? [], ...fills };
  }

  #aggregate(node: SyntaxNode): Expr {
    const op = this.#text(node.getChild('AggregateOp') ?? node).toLowerCase() as Aggregator;
    if (!AGGREGATORS.includes(op)) this.#fail(`aggregation operator expected in aggregation expression but got "${op}"`, node);
    const modifier = node.getChild('AggregateModifier');
    const args = childrenOf(node.getChild('FunctionCallBody')).map((arg) => this.#expr(arg));
    const wanted = WITH_PARAM.has(op) ? 2 : 1;
    const inner = args.at(-1);
    if (inner === undefined) return this.#fail('no arguments for aggregate expression provided', node);
    if (args.length !== wanted) this.#fail(`wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`, node);
    const list = modifier?.getChild('GroupingLabels');
    return {
      kind: 'aggregate', range: rangeOf(node), op, param: wanted === 2 ? args[0] ?? null : null, inner,
      grouping: list === undefined || list === null ? [] : this.#labels(list), without: (modifier?.getChild('Without') ?? null) !== null,
    };
  }

  #call(node: SyntaxNode): Expr {
    const name = this.#text(node.getChild('FunctionIdentifier') ?? node);
    return { kind: 'call', range: rangeOf(node), name, args: childrenOf(node.getChild('FunctionCallBody')).map((arg) => this.#expr(arg)) };
  }

  #labels(node: SyntaxNode): string[] {
    return childrenOf(node).map((label) => {
      const name = label.name === 'QuotedLabelName' ? this.#string(label) : this.#text(label);
      if (name === '') this.#fail('invalid label name for grouping: ""', label);
      if (/^(inf|nan)$/i.test(this.#text(label))) this.#fail(`unexpected number "${name}" in grouping opts, expected label`, label);
      if (/^without$/i.test(this.#text(label))) this.#fail(`unexpected <${name}> in grouping opts, expected label`, label);
      return name;
    });
  }

  #selector(node: SyntaxNode): VectorSelector {
    const identifier = node.getChild('Identifier');
    const name = identifier === null ? '' : this.#text(identifier);
    const matchers = childrenOf(node.getChild('LabelMatchers')).map((matcher) => this.#matcher(matcher));
    if (name !== '') matchers.push({ name: '__name__', op: '=', value: name });
    return { kind: 'selector', range: rangeOf(node), name, matchers, offsetMs: 0, at: null, extension: null };
  }

  #matcher(node: SyntaxNode): Matcher {
    if (node.name === 'QuotedLabelName') return { name: '__name__', op: '=', value: this.#string(node) };
    const quoted = node.getChild('QuotedLabelName');
    const literal = node.lastChild ?? node;
    const name = quoted === null ? this.#text(node.getChild('LabelName') ?? node) : this.#string(quoted);
    const matcher: Matcher = { name, op: this.#text(node.getChild('MatchOp') ?? node) as Matcher['op'], value: this.#string(literal) };
    try {
      valueMatcher(matcher);
    } catch (error) {
      if (error instanceof RegexpError) this.#fail(error.message, node);
      throw error;
    }
    return matcher;
  }

  #matrix(inner: Expr, node: SyntaxNode): MatrixSelector {
    const bracket = { from: inner.range.end + this.query.slice(inner.range.end).indexOf('['), to: node.to };
    if (inner.kind !== 'selector') return this.#fail('ranges only allowed for vector selectors', bracket);
    if (inner.offsetMs !== 0) this.#fail('no offset modifiers allowed before range', bracket);
    if (inner.at !== null) this.#fail('no @ modifiers allowed before range', bracket);
    return { kind: 'matrix', range: { start: inner.range.start, end: node.to }, selector: inner, rangeMs: this.#durations.positive(node.getChild('DurationExpr') ?? node) };
  }

  #subquery(inner: Expr, node: SyntaxNode): Subquery {
    const [range, step] = node.getChildren('DurationExpr');
    return {
      kind: 'subquery', range: { start: inner.range.start, end: node.to }, inner, rangeMs: this.#durations.positive(range ?? node),
      stepMs: step === undefined ? null : this.#durations.step(step), offsetMs: 0, at: null,
    };
  }

  #offset(expr: Expr, node: SyntaxNode): Expr {
    const duration = node.getChild('OffsetDurationExpr') ?? node;
    const offsetMs = this.#durations.any(this.offsets.get(duration.from) ?? duration);
    const modified = expr.kind === 'matrix' ? expr.selector : expr;
    if (modified.kind !== 'selector' && modified.kind !== 'subquery') {
      return this.#fail('offset modifier must be preceded by an instant vector selector or range vector selector or a subquery', expr.range);
    }
    if (modified.offsetMs !== 0) this.#fail('offset may not be set multiple times', expr.range);
    return withModifier(expr, node, { offsetMs });
  }

  #at(expr: Expr, node: SyntaxNode): Expr {
    const literal = node.getChildren('NumberDurationLiteral').find(({ from }) => from >= expr.range.end) ?? null;
    const modified = expr.kind === 'matrix' ? expr.selector : expr;
    let at: At = node.getChild('AtModifierPreprocessors')?.getChild('AtStart') === null ? { kind: 'end' } : { kind: 'start' };
    if (literal !== null) {
      const { value } = this.#number(literal);
      if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) this.#fail(`timestamp out of bounds for @ modifier: ${formatF(value)}`, expr.range);
      at = { kind: 'time', timeMs: Math.round(value * 1000) };
    }
    if (modified.kind !== 'selector' && modified.kind !== 'subquery') {
      return this.#fail('@ modifier must be preceded by an instant vector selector or range vector selector or a subquery', expr.range);
    }
    if (modified.at !== null) this.#fail('@ <timestamp> may not be set multiple times', expr.range);
    return withModifier(expr, node, { at });
  }

  #extended(expr: Expr, node: SyntaxNode, extension: Extension): Expr {
    if (!this.options.extendedRangeSelectors) this.#fail(`${extension} modifier is experimental and not enabled`, expr.range);
    if (expr.kind === 'subquery') this.#fail(`${extension} modifier is not supported for subqueries`, expr.range);
    const selector = expr.kind === 'matrix' ? expr.selector : expr;
    if (selector.kind !== 'selector') return this.#fail(`${extension} modifier not implemented`, expr.range);
    if (selector.extension !== null && selector.extension !== extension) this.#fail('anchored and smoothed modifiers cannot be used together', expr.range);
    return withModifier(expr, node, { extension });
  }

  #number(node: { from: number; to: number }): { value: number; duration: boolean } {
    try {
      return numberOf(this.query.slice(node.from, node.to));
    } catch (error) {
      if (error instanceof LiteralError || error instanceof PrometheusDurationError) return this.#fail(error.message, node);
      throw error;
    }
  }

  #string(node: SyntaxNode): string {
    try {
      return stringOf(this.#text(node));
    } catch (error) {
      if (error instanceof LiteralError) return this.#fail(error.message, node);
      throw error;
    }
  }

  #text(node: SyntaxNode): string {
    return this.query.slice(node.from, node.to);
  }

  #fail(message: string, at: { from: number; to: number } | Range): never {
    throw new PromQLParseError(message, this.query, 'from' in at ? { start: at.from, end: at.to } : at);
  }
}

function withModifier(expr: Expr, node: SyntaxNode, modifier: Partial<Pick<VectorSelector, 'offsetMs' | 'at' | 'extension'>>): Expr {
  const range = { start: expr.range.start, end: node.to };
  if (expr.kind === 'matrix') return { ...expr, range, selector: { ...expr.selector, ...modifier } };
  return { ...expr, range, ...modifier } as Expr;
}
