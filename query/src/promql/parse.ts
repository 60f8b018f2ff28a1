import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Expr } from './ast.js';
import { checkTypes } from './check.js';
import { PromQLParseError } from './error.js';
import { scan } from './scan.js';
import type { Scan } from './scan.js';
import { SyntaxConverter } from './syntax.js';

export interface ParseOptions {
  /** Functions and aggregations that Prometheus has behind `promql-experimental-functions`. Default true. */
  readonly experimentalFunctions?: boolean;
  /** The modifiers `anchored` and `smoothed`, behind `promql-extended-range-selectors`. Default true. */
  readonly extendedRangeSelectors?: boolean;
  /** `fill`, `fill_left` and `fill_right`, behind `promql-binop-fill-modifiers`. Default true. */
  readonly fillModifiers?: boolean;
}

/** Parses and type-checks a query as Prometheus does. Throws PromQLParseError. */
export function parsePromQL(query: string, options: ParseOptions = {}): Expr {
  const scanned = scan(query);
  if (scanned.tokens.length === 0 && scanned.error === null) throw new PromQLParseError('no expression found in input', query, query === '' ? null : { start: 0, end: query.length });
  const text = forGrammar(query);
  const { tree, wrongAt } = parseStrictly(text);
  const lexical = scanned.error;
  if (lexical !== null && (wrongAt === null || lexical.offset <= wrongAt || endOfTokens(scanned) <= wrongAt)) {
    throw new PromQLParseError(lexical.message, query, { start: lexical.offset, end: lexical.offset });
  }
  if (tree === null) throw syntaxError(query, scanned, wrongAt ?? query.length, query.length > LONG ? null : firstError(parser.parse(text)));
  const expr = new SyntaxConverter(query, { extendedRangeSelectors: options.extendedRangeSelectors ?? true, fillModifiers: options.fillModifiers ?? true }).convert(tree);
  checkTypes(expr, query, options.experimentalFunctions ?? true);
  return expr;
}

/** Queries longer than this get errors that do not say what was expected: the grammar's repairs take too long on them. */
const LONG = 10_000;

const STRICT = parser.configure({ strict: true });

/** A tree without errors, or where the first is. */
function parseStrictly(text: string): { tree: Tree; wrongAt: null } | { tree: null; wrongAt: number } {
  try {
    return { tree: STRICT.parse(text), wrongAt: null };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { tree: null, wrongAt: Number(/at (\d+)/.exec(error.message)?.[1] ?? text.length) };
  }
}

/**
 * The grammar does not know numbers that end in a dot, comments get in the way, and it knows `min_of` and `max_of` in
 * durations alone, `step` and `range` in lower case alone. The text keeps its length, names are read from the query itself.
 */
function forGrammar(query: string): string {
  const inDuration = new DurationContext();
  return query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|(?<![\w.])(\d+)\.(?![\d.])|[A-Za-z_:][\w:]*|[^\s\w]/g, (part: string, digits?: string) => {
    if (part.startsWith('#')) return ' '.repeat(part.length);
    const duration = inDuration.next(part);
    if (digits !== undefined) return `${digits} `;
    if (duration && /^(step|range|min_of|max_of)$/i.test(part)) return part.toLowerCase();
    return !duration && /^(min_of|max_of)$/.test(part) ? 'minute' : part;
  });
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

function firstError(tree: Tree): SyntaxNode | null {
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) return cursor.node;
  } while (cursor.next());
  return null;
}

const DURATION_EXPECTED = ', expected number, duration, step(), or range()';

function syntaxError(query: string, { tokens }: Scan, wrongAt: number, wrong: SyntaxNode | null): PromQLParseError {
  const index = tokens.findIndex(({ start }) => start >= (wrong?.from ?? wrongAt));
  const token = index < 0 ? { start: query.length, end: query.length, description: 'end of input' } : tokens[index] ?? { start: query.length, end: query.length, description: 'end of input' };
  const before = tokens[index - 1];
  const context = contextOf(wrong, before?.description ?? '');
  if (token.description === '"("' && before !== undefined && context === '' && /^(metric )?identifier /.test(before.description)) {
    return new PromQLParseError(`unknown function with name "${query.slice(before.start, before.end)}"`, query, before);
  }
  // The grammar's parser gives up on stacks of some thousand entries; that is no fault of the query's.
  const limit = index > 1500 ? ' (more than about 1,000 operators or brackets in each other cannot be read yet)' : '';
  return new PromQLParseError(`unexpected ${token.description}${context}${limit}`, query, token);
}

function contextOf(wrong: SyntaxNode | null, before: string): string {
  for (let node = wrong; node !== null; node = node.parent) {
    switch (node.name) {
      case 'LabelMatchers':
        if (before === '"{"' || before === '","') return ' in label matching, expected identifier or "}"';
        if (before === '"="' || before.startsWith('<op:')) return ' in label matching, expected string';
        return before.startsWith('string') ? ' in label matching, expected "," or "}"' : ' in label matching, expected label matching operator';
      case 'GroupingLabels':
        if (before.startsWith('<')) return ' in grouping opts, expected "("';
        return ` in grouping opts, expected ${before === '"("' || before === '","' ? 'label' : '"," or ")"'}`;
      case 'AggregateModifier':
        return ' in grouping opts, expected "("';
      case 'OffsetExpr':
        return ` in offset${DURATION_EXPECTED}`;
      case 'StepInvariantExpr':
        return ' in @, expected timestamp';
      case 'MatrixSelector':
      case 'SubqueryExpr':
        return ` in subquery or range selector${DURATION_EXPECTED}`;
      case 'FunctionCallBody':
      case 'BinaryExpr':
      case 'ParenExpr':
        return '';
      default:
    }
  }
  return '';
}
