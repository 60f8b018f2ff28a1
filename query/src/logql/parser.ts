import { valueMatcher } from '../labels/matcher.js';
import type { LineFilter, Matcher } from '../readers.js';
import { RegexpError, searchRegexp } from '../regexp/linear.js';
import type { LabelFilterStage, LineFilterStage, LogQLQuery, LogQuery } from './ast.js';
import { constantQuery } from './constant.js';
import { LogQLError, notSupported, queryError, syntaxError } from './error.js';
import { lex } from './lexer.js';
import type { Token } from './lexer.js';
import { TokenStream, describe } from './token-stream.js';

const MAX_LENGTH = 131_072;

const STREAM_REQUIRED = 'queries require at least one regexp or equality matcher that does not have an empty-compatible value. '
  + 'For instance, app=~".*" does not meet this requirement, but app=~".+" will';

const METRIC_FUNCTIONS = new Set([
  'rate', 'rate_counter', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'avg_over_time', 'sum_over_time', 'min_over_time', 'max_over_time',
  'stdvar_over_time', 'stddev_over_time', 'quantile_over_time', 'first_over_time', 'last_over_time', 'absent_over_time',
  'sum', 'avg', 'max', 'min', 'count', 'stddev', 'stdvar', 'bottomk', 'topk', 'sort', 'sort_desc', 'label_replace', 'approx_topk', 'variants',
]);

const LINE_FILTERS = new Set(['|=', '|~', '!=', '!~', '|>', '!>']);

/** Parses a query. Throws LogQLError: Loki's parse errors, or what is not supported yet. */
export function parseLogQL(query: string): LogQLQuery {
  const tokens = tokensOf(query);
  const first = tokens.find((token) => !(token.kind === 'operator' && token.text === '('));
  const second = first === undefined ? undefined : tokens[tokens.indexOf(first) + 1];
  if (first !== undefined && METRIC_FUNCTIONS.has(first.text.toLowerCase()) && (second?.text === '(' || second?.text === 'by' || second?.text === 'without')) {
    throw notSupported(`metric queries (${first.text}) are`);
  }
  const constant = first?.kind === 'number' || (first?.text === 'vector' && second?.text === '(') || (first?.kind === 'operator' && (first.text === '-' || first.text === '+'));
  const stream = new TokenStream(query, tokens);
  const parsed = constant ? constantQuery(stream) : logQuery(stream);
  if (parsed.kind === 'log' && !parsed.matchers.some((matcher) => !valueMatcher(matcher)(''))) throw queryError(STREAM_REQUIRED);
  return parsed;
}

/** Parses a stream selector alone; it may be empty (`{}`). Throws LogQLError. */
export function parseSelector(query: string): readonly Matcher[] {
  const { matchers, stages } = logQuery(new TokenStream(query, tokensOf(query)));
  if (stages.length > 0) throw new LogQLError('only label matchers are supported');
  return matchers;
}

function tokensOf(query: string): Token[] {
  if (query.length >= MAX_LENGTH) throw queryError(`input size too long (${query.length} > ${MAX_LENGTH})`);
  const tokens = lex(query);
  if (tokens[0]?.kind === 'end') throw queryError('syntax error: unexpected $end');
  return tokens;
}

function logQuery(tokens: TokenStream): LogQuery {
  let depth = 0;
  for (; tokens.accept('('); depth++);
  if (!tokens.is('{')) throw tokens.unexpected();
  const matchers = selector(tokens);
  const stages: LogQuery['stages'][number][] = [];
  for (;;) {
    const token = tokens.peek();
    if (token.kind === 'operator' && LINE_FILTERS.has(token.text)) stages.push(lineFilter(tokens));
    else if (tokens.accept('|')) stages.push(stage(tokens));
    else break;
  }
  for (; depth > 0; depth--) tokens.expect(')');
  const after = tokens.peek();
  if (after.kind === 'keyword' && ['or', 'and', 'unless'].includes(after.text)) {
    throw queryError(`unexpected type for left leg of binary operation (${after.text}): *syntax.${stages.length === 0 ? 'MatchersExpr' : 'PipelineExpr'}`);
  }
  if (after.kind !== 'end') throw tokens.unexpected();
  return { kind: 'log', matchers, stages };
}

function selector(tokens: TokenStream): Matcher[] {
  tokens.expect('{');
  const matchers: Matcher[] = [];
  if (tokens.accept('}')) return matchers;
  for (;;) {
    if (tokens.peek().kind !== 'identifier' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(tokens.peek().text)) throw tokens.unexpected(matchers.length === 0 ? 'IDENTIFIER or }' : 'IDENTIFIER');
    const name = tokens.next().text;
    const op = tokens.next();
    if (!isMatcherOp(op)) throw tokens.unexpectedAt(op, '= or =~ or !~ or !=');
    const value = tokens.next();
    if (value.kind !== 'string') throw tokens.unexpectedAt(value, 'STRING');
    matchers.push(checked({ name, op: op.text, value: value.text }));
    if (tokens.accept('}')) return matchers;
    if (!tokens.accept(',')) throw tokens.unexpected('} or ,');
  }
}

function isMatcherOp(token: Token): token is Token & { text: Matcher['op'] } {
  return token.kind === 'operator' && ['=', '!=', '=~', '!~'].includes(token.text);
}

function checked(matcher: Matcher): Matcher {
  try {
    valueMatcher(matcher);
    return matcher;
  } catch (error) {
    if (error instanceof RegexpError) throw queryError(error.message);
    throw error;
  }
}

function lineFilter(tokens: TokenStream): LineFilterStage {
  const op = tokens.next().text;
  if (op === '|>' || op === '!>') throw notSupported(`pattern filters (${op}) are`);
  const values: string[] = [];
  do {
    const token = tokens.next();
    if (token.kind === 'identifier' && token.text === 'ip' && tokens.is('(')) throw notSupported('filters by ip() are');
    if (token.kind !== 'string') throw tokens.unexpectedAt(token, 'STRING or ip');
    if (op === '|~' || op === '!~') checkedLine(op, token.text);
    values.push(token.text);
  } while (tokens.acceptKeyword('or'));
  return { kind: 'line', op: op as LineFilter['op'], values };
}

function checkedLine(op: string, pattern: string): void {
  try {
    searchRegexp(pattern);
  } catch (error) {
    if (error instanceof RegexpError) throw queryError(`stage '${op} ${JSON.stringify(pattern)}' : ${error.message}`);
    throw error;
  }
}

function stage(tokens: TokenStream): LabelFilterStage {
  const token = tokens.peek();
  if (token.kind === 'keyword' && ['json', 'logfmt', 'regexp', 'unpack', 'pattern', 'line_format', 'label_format', 'drop', 'keep', 'decolorize'].includes(token.text)) {
    throw notSupported(`the stage | ${token.text} is`);
  }
  const matchers: Matcher[] = [];
  labelFilters(tokens, matchers, 0);
  return { kind: 'label', matchers };
}

const MAX_DEPTH = 200;

/** Filters joined by `and`, a comma or nothing. */
function labelFilters(tokens: TokenStream, into: Matcher[], depth: number): void {
  if (depth > MAX_DEPTH) throw syntaxError('the label filter nests too deeply', tokens.query, tokens.peek().offset);
  for (;;) {
    if (tokens.accept('(')) {
      labelFilters(tokens, into, depth + 1);
      tokens.expect(')');
    } else {
      into.push(labelFilter(tokens));
    }
    const next = tokens.peek();
    if (next.kind === 'keyword' && next.text.toLowerCase() === 'or') {
      tokens.next();
      if (tokens.peek().kind !== 'identifier' && !tokens.is('(')) throw tokens.unexpected('IDENTIFIER or (');
      throw notSupported('label filters joined by or are');
    }
    if (tokens.accept(',') || tokens.acceptKeyword('and')) {
      if (tokens.peek().kind !== 'identifier' && !tokens.is('(')) throw tokens.unexpected('IDENTIFIER or (');
      continue;
    }
    if (next.kind !== 'identifier' && !tokens.is('(')) return;
  }
}

function labelFilter(tokens: TokenStream): Matcher {
  const name = tokens.next();
  if (name.kind !== 'identifier') throw tokens.unexpectedAt(name);
  const op = tokens.next();
  if (op.kind === 'operator' && ['>', '>=', '<', '<=', '=='].includes(op.text)) throw notSupported(`label filters with ${op.text} are`);
  if (!isMatcherOp(op)) throw tokens.unexpectedAt(op);
  const value = tokens.next();
  if (value.kind === 'number') throw notSupported('label filters that compare numbers, durations or sizes are');
  if (value.kind === 'identifier' && value.text === 'ip') throw notSupported('filters by ip() are');
  if (value.kind !== 'string') throw syntaxError(`syntax error: unexpected ${describe(value)}`, tokens.query, value.offset);
  return checked({ name: name.text, op: op.text, value: value.text });
}
