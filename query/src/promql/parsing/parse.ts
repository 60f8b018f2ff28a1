import type { SyntaxNode } from '@lezer/common';
import { NodeType, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Expr, Range } from '../ast.js';
import { checkTypes } from '../check.js';
import { PromQLParseError } from '../error.js';
import { longChains } from './chains/long-chains.js';
import { scan } from './scanning/scan.js';
import type { Scan, Token } from './scanning/scan.js';
import { GROUPING, endsOperand, startsOperand } from './scanning/operand-tokens.js';
import { contextOf, isInGrouping, trailingComma } from './syntax/syntax-context.js';
import type { OffsetTail } from './chains/offset-tails.js';
import { offsetTails } from './chains/offset-tails.js';
import { SyntaxConverter } from './syntax/syntax.js';
import { isExpression } from './syntax/syntax-nodes.js';

export interface ParseOptions {
  /** Functions and aggregations that Prometheus has behind `promql-experimental-functions`. Default true. */
  readonly experimentalFunctions?: boolean;
  /** The modifiers `anchored` and `smoothed`, behind `promql-extended-range-selectors`. Default true. */
  readonly extendedRangeSelectors?: boolean;
  /** `fill`, `fill_left` and `fill_right`, behind `promql-binop-fill-modifiers`. Default true. */
  readonly fillModifiers?: boolean;
  /** Types, and whether a selector is one of anything. Default true. */
  readonly checked?: boolean;
}

/** Parses and type-checks a query as Prometheus does. Throws PromQLParseError. */
export function parsePromQL(query: string, options: ParseOptions = {}): Expr {
  const scanned = scan(query);
  if (scanned.tokens.length === 0 && scanned.error === null) throw new PromQLParseError('no expression found in input', query, query === '' ? null : { start: 0, end: query.length });
  const { text, offsets, tree, chains, wrongAt, unknown } = parseWithUnknown(query, scanned.tokens);
  const lexical = scanned.error;
  const convert = (whole: Tree): Expr => new SyntaxConverter(query, { extendedRangeSelectors: options.extendedRangeSelectors ?? true, fillModifiers: options.fillModifiers ?? true }, chains ?? undefined, offsets).convert(whole);
  if (unknown !== null) {
    // What is wrong with the arguments is found before the function is looked up.
    const failure = new PromQLParseError(`unknown function with name "${query.slice(unknown.start, unknown.end)}"`, query, unknown);
    if (tree !== null) throwsBefore(unknown.closedAt, () => convert(tree));
    throw failure;
  }
  const isLexical = lexical !== null && (wrongAt === null || lexical.offset < wrongAt || (!lexical.isToken && (lexical.offset === wrongAt || endOfTokens(scanned) <= wrongAt)));
  if (isLexical || tree === null) {
    const end = isLexical ? lexical.offset : wrongAt ?? query.length;
    // An aggregation waits for a grouping behind it before it is looked at, and there is none.
    const waits = isLexical ? endOfTokens(scanned) : Infinity;
    for (const part of wholePartsBefore(text, end)) {
      if (part.node.name !== 'AggregateExpr' || part.node.to < waits) convert(part.tree);
    }
    throw isLexical ? new PromQLParseError(lexical.message, query, { start: end, end }) : syntaxError(query, scanned, end);
  }
  const expr = convert(tree);
  if (options.checked ?? true) checkTypes(expr, query, options.experimentalFunctions ?? true);
  return expr;
}

interface UnknownFunction extends Range {
  /** Where its parenthesis is closed, at which it is looked up. */
  readonly closedAt: number;
}

/** Functions that the grammar knows. */
const [SHORT, LONGER] = ['ln', 'abs'];

/**
 * Functions that the grammar does not know get the name of one that it does, so that what comes first is found: the one
 * that is looked up first, or what is wrong before that. `unknown` is such a function where nothing is wrong before it.
 */
function parseWithUnknown(query: string, tokens: readonly Token[]): Parsed & { readonly text: string; readonly offsets: Offsets; readonly unknown: UnknownFunction | null } {
  const plain = forGrammar(query, tokens);
  const { tails, wrongAt: tailWrongAt } = offsetTails(tokens);
  const folded = foldTails(query, plain, tokens, tails);
  const { offsets } = folded;
  let { text } = folded;
  let unknown: UnknownFunction | null = null;
  for (;;) {
    const parsed = parseInParts(text, tokens);
    const misplaced = tokens.find(({ description }, i) => description === '<op:atan2>' && startsOperand(tokens, i) && !isInGrouping(tokens, i))?.start ?? Infinity;
    const wrongAt = Math.min(parsed.wrongAt ?? Infinity, misplaced, tailWrongAt ?? Infinity, folded.wrongAt ?? Infinity);
    const index = tokens.findIndex(({ start }) => start >= wrongAt);
    const name = wrongAt === parsed.wrongAt ? functionBefore(tokens, index) : null;
    if (name === null) {
      const first = unknown !== null && unknown.closedAt < wrongAt ? unknown : null;
      return wrongAt === Infinity || parsed.wrongAt === wrongAt ? { ...parsed, text, offsets, unknown: first } : { tree: null, chains: null, wrongAt, text, offsets, unknown: first };
    }
    const closedAt = closing(tokens, index);
    if (closedAt < (unknown?.closedAt ?? Infinity)) unknown = { start: name.start, end: name.end, closedAt };
    const length = name.end - name.start;
    // There is no name of one letter to put in the place of one.
    if (length < SHORT.length) return { tree: null, chains: null, wrongAt: closedAt === Infinity ? query.length : wrongAt, text, offsets, unknown };
    text = text.slice(0, name.start) + (length === SHORT.length ? SHORT : LONGER).padEnd(length) + text.slice(name.end);
  }
}

/** Durations that the grammar does not know behind `offset`, by their offset. */
type Offsets = ReadonlyMap<number, SyntaxNode>;

/** Puts an outright duration in the place of each offset that goes on, which is parsed by itself, as if it stood in brackets. */
function foldTails(query: string, plain: string, tokens: readonly Token[], tails: readonly OffsetTail[]): { readonly text: string; readonly offsets: Offsets; readonly wrongAt: number | null } {
  const offsets = new Map<number, SyntaxNode>();
  let text = plain;
  for (const { start, end } of tails) {
    let duration = `${' '.repeat(start - 2)}x[`;
    for (const token of tokens) if (token.start >= start && token.end <= end) duration = duration.padEnd(token.start) + forGrammarToken(query.slice(token.start, token.end), token.kind, true);
    const { tree, wrongAt } = parseInParts(`${duration}]`, []);
    if (tree === null) return { text, offsets, wrongAt };
    const node = tree.topNode.getChild('MatrixSelector')?.getChild('DurationExpr');
    if (node !== null && node !== undefined) offsets.set(start, node);
    text = `${text.slice(0, start)}${'1s'.padEnd(end - start)}${text.slice(end)}`;
  }
  return { text, offsets, wrongAt: null };
}

/** The name before a parenthesis that the grammar did not expect. */
function functionBefore(tokens: readonly Token[], index: number): Token | null {
  const before = tokens[index - 1];
  if (tokens[index]?.description !== '"("' || before?.description.startsWith('identifier ') !== true || endsOperand(tokens, index - 2)) return null;
  const context = contextOf(tokens, index);
  return context === '' || context === ' in aggregation' ? before : null;
}

/** Longest part of a wrong query that is looked through for what is wrong before. */
const MAX_BEFORE = 10_000;

/** Expressions that are whole before a place where the syntax is wrong: Prometheus has looked at those by then. */
function wholePartsBefore(text: string, end: number): { readonly node: SyntaxNode; readonly tree: Tree }[] {
  if (end > MAX_BEFORE) return [];
  const found: { readonly node: SyntaxNode; readonly tree: Tree }[] = [];
  parser.parse(text.slice(0, end)).iterate({
    enter: ({ node }) => {
      if (!isExpression(node) || node.to > end || hasError(node)) return true;
      found.push({ node, tree: placedAt(node.from, end, node.toTree()) });
      return false;
    },
  });
  return found;
}

function hasError(node: SyntaxNode): boolean {
  let wrong = false;
  node.toTree().iterate({ enter: ({ type }) => { wrong ||= type.isError; } });
  return wrong;
}

/** Where the parenthesis of a token is closed; Infinity where it is not. */
function closing(tokens: readonly Token[], index: number): number {
  let open = 0;
  for (const { description, start } of tokens.slice(index)) {
    if (description === '"("') open++;
    else if (description === '")"' && --open === 0) return start;
  }
  return Infinity;
}

/** Throws what `convert` throws, where that is about a part before `offset`. */
function throwsBefore(offset: number, convert: () => unknown): void {
  try {
    convert();
  } catch (error) {
    if (!(error instanceof PromQLParseError) || (error.range !== null && error.range.end <= offset)) throw error;
  }
}

const STRICT = parser.configure({ strict: true });

/** Trees without errors, or where the first is. `chains`: what stands in the place of a number, by its offset. */
type Parsed = { readonly tree: Tree; readonly chains: ReadonlyMap<number, readonly Tree[]>; readonly wrongAt: null } | { readonly tree: null; readonly chains: null; readonly wrongAt: number };

function parseInParts(whole: string, tokens: readonly Token[]): Parsed {
  const chains = new Map<number, readonly Tree[]>();
  let text = whole;
  try {
    for (const { start, end, pairs } of longChains(tokens)) {
      chains.set(start, pairs.map(({ from, to }) => placedAt(from, to, STRICT.parse(text, undefined, [{ from, to }]))));
      text = `${text.slice(0, start)}1${' '.repeat(end - start - 1)}${text.slice(end)}`;
    }
    return { tree: STRICT.parse(text), chains, wrongAt: null };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { tree: null, chains: null, wrongAt: Number(/at (\d+)/.exec(error.message)?.[1] ?? text.length) };
  }
}

/** The tree of a part counts from the part's beginning. */
function placedAt(from: number, to: number, tree: Tree): Tree {
  return new Tree(NodeType.none, [tree], [from], to);
}

/**
 * The grammar does not know all ways of writing a number, comments get in the way, and it knows `min_of` and `max_of` in
 * durations alone, `step` and `range` in lower case alone. The text keeps its length, names and numbers are read from the
 * query itself. Behind the last token, where there is an error, it is the query as it is.
 */
function forGrammar(query: string, tokens: readonly Token[]): string {
  const inDuration = new DurationContext();
  let text = '';
  let grouping = false;
  for (const [i, { start, end, kind, description }] of tokens.entries()) {
    const part = query.slice(start, end);
    const before = tokens[i - 1]?.description ?? '"("';
    if (description === '"("' && GROUPING.test(before)) grouping = true;
    else if (description === '")"') grouping = false;
    text += ' '.repeat(start - text.length);
    // A metric of that name, which the grammar does not expect.
    if (/^offset$/i.test(part) && startsOperand(tokens, i)) text += 'metric';
    else if (grouping && description.startsWith('metric identifier')) text += part.replaceAll(':', '_');
    else text += forGrammarToken(part, kind, inDuration.next(part));
  }
  return text + query.slice(text.length).replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length));
}

function forGrammarToken(part: string, kind: Token['kind'], inDuration: boolean): string {
  const digits = (part.startsWith('.') ? '.' : '1') + '1'.repeat(part.length - 1);
  if (kind !== 'other') return kind === 'number' ? digits : `${digits.slice(0, -1)}s`;
  if (inDuration && /^(step|range|min_of|max_of)$/i.test(part)) return part.toLowerCase();
  return !inDuration && /^(min_of|max_of)$/.test(part) ? 'minute' : part;
}

/** Whether a piece of a query stands in a duration: between brackets, or after `offset`. */
class DurationContext {
  #brackets = 0;
  /** Open parentheses after `offset`; null: not there. */
  #afterOffset: number | null = null;

  next(part: string): boolean {
    if (part === '[') this.#brackets++;
    else if (part === ']') this.#brackets--;
    const within = this.#brackets > 0 || this.#afterOffset !== null;
    if (/^offset$/i.test(part)) this.#afterOffset = 0;
    else if (this.#afterOffset !== null) this.#follow(part, this.#afterOffset);
    return within;
  }

  #follow(part: string, open: number): void {
    if (part === '(') this.#afterOffset = open + 1;
    else if (part === ')') this.#afterOffset = open > 1 ? open - 1 : null;
    else if (open === 0 && part !== '-' && part !== '+' && !/^(step|range|min_of|max_of)$/i.test(part)) this.#afterOffset = null;
  }
}

function endOfTokens({ tokens }: Scan): number {
  return tokens.at(-1)?.end ?? 0;
}

function syntaxError(query: string, { tokens }: Scan, wrongAt: number): PromQLParseError {
  const found = tokens.findIndex(({ start }) => start >= wrongAt);
  const index = found < 0 ? tokens.length : found;
  const token = tokens[index] ?? { start: query.length, end: query.length, shown: 'end of input' };
  const comma = trailingComma(tokens, index);
  if (comma !== null) return new PromQLParseError('trailing commas not allowed in function call args', query, comma);
  const context = contextOf(tokens, index);
  // The grammar's parser gives up on stacks of some thousand entries; that is no fault of the query's.
  const limit = nestsDeeply(tokens, index) ? ' (more than about 1,000 operators or brackets in each other cannot be read yet)' : '';
  return new PromQLParseError(`unexpected ${token.shown}${context}${limit}`, query, token);
}

/** Whether a token stands in so many brackets, or behind so many signs, that the grammar's parser may have given up. */
function nestsDeeply(tokens: readonly Token[], index: number): boolean {
  let open = 0;
  let signs = 0;
  for (const { description } of tokens.slice(0, index)) {
    if (description === '"("') open++;
    else if (description === '")"') open--;
    signs = /^<op:[-+]>$/.test(description) ? signs + 1 : 0;
  }
  return open > 1000 || signs > 1000;
}
