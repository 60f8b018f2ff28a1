import { GROUPING, startsOperand } from '../scanning/operand-tokens.js';
import { mayGoOn } from '../chains/offset-tails.js';
import type { Token } from '../scanning/scan.js';

/**
 * Where in a query's syntax a token stands that does not fit, as Prometheus' errors say it: the nearest construct around it
 * that its grammar (promql/parser/generated_parser.y) has an error rule for.
 */
export function contextOf(tokens: readonly Token[], index: number): string {
  const { open, endsAggregation } = openBrackets(tokens, index);
  const before = tokens[index - 1]?.description ?? '';
  const inner = open.at(-1);
  if (inner?.kind === 'labels') return ` in label matching, expected ${afterInLabels(before)}`;
  if (inner?.kind === 'grouping') return ` in grouping opts, expected ${before === '"("' || before === '","' ? 'label' : '"," or ")"'}`;
  if (GROUPING.test(before) && !isName(tokens, index - 1)) return ' in grouping opts, expected "("';
  if (afterAt(tokens, index)) return ' in @, expected timestamp';
  const offset = unfinishedOffset(tokens, index);
  if (offset) return ` in offset, expected ${DURATION}`;
  const range = open.findLast(({ kind }) => kind === 'range' || kind === 'step');
  if (range !== undefined) return inRange(range, inner === range && ENDS_OPERAND.test(before) && !isBareKeyword(tokens, index - 1));
  return endsAggregation || open.some(({ kind }) => kind === 'aggregation') ? ' in aggregation' : '';
}

/** The comma before a token that does not fit, where it is the last thing in a list of arguments. */
export function trailingComma(tokens: readonly Token[], index: number): Token | null {
  const comma = tokens[index - 1];
  const inner = openBrackets(tokens, index).open.at(-1);
  const list = inner?.kind === 'aggregation' || inner?.kind === 'call';
  const first = tokens[index - 2]?.description;
  if (comma?.description !== '","' || !list || first === '"("' || first === '","' || unfinishedOffset(tokens, index)) return null;
  return comma;
}

const DURATION = 'number, duration, step(), or range()';
const ENDS_OPERAND = /^(number|duration) |^"\)"$/;

/** Whether a token stands in a list of labels in parentheses. */
export function isInGrouping(tokens: readonly Token[], index: number): boolean {
  return openBrackets(tokens, index).open.at(-1)?.kind === 'grouping';
}

interface Open {
  kind: 'labels' | 'grouping' | 'aggregation' | 'call' | 'range' | 'step' | 'paren';
}

/** What is open before a token; `endsAggregation`: it stands where an aggregation's arguments should. */
function openBrackets(tokens: readonly Token[], index: number): { open: Open[]; endsAggregation: boolean } {
  const open: Open[] = [];
  /** An aggregation's grouping was closed just now. */
  let grouped = false;
  for (let i = 0; i < index; i++) {
    const before = tokens[i - 1]?.description ?? '';
    const afterGrouping = grouped;
    grouped = false;
    switch (tokens[i]?.description) {
      case '"("':
        open.push({ kind: afterGrouping || before.startsWith('<aggr:') ? 'aggregation' : GROUPING.test(before) ? 'grouping' : before.startsWith('identifier ') ? 'call' : 'paren' });
        break;
      case '")"':
        grouped = open.pop()?.kind === 'grouping' && isAggregationsOwn(tokens, i);
        break;
      case '"{"':
        open.push({ kind: 'labels' });
        break;
      case '"["':
        open.push({ kind: 'range' });
        break;
      case '":"': {
        const inner = open.at(-1);
        if (inner?.kind === 'range') inner.kind = 'step';
        break;
      }
      case '"}"':
      case '"]"':
        open.pop();
        break;
      default:
    }
  }
  return { open, endsAggregation: grouped };
}

/** `by` and `without` are names of metrics where no aggregation is before them. */
function isName(tokens: readonly Token[], index: number): boolean {
  return /^<(by|without)>$/.test(tokens[index]?.description ?? '') && !/^<aggr:|^"\)"$/.test(tokens[index - 1]?.description ?? '');
}

/** Whether the grouping that ends here stands between an aggregation's name and its arguments. */
function isAggregationsOwn(tokens: readonly Token[], end: number): boolean {
  let start = end;
  while (start > 0 && tokens[start]?.description !== '"("') start--;
  return tokens[start - 2]?.description.startsWith('<aggr:') === true;
}

function afterInLabels(before: string): string {
  if (before === '"{"' || before === '","') return 'identifier or "}"';
  if (before === '"="' || before.startsWith('<op:')) return 'string';
  return before.startsWith('string') ? '"," or "}"' : 'label matching operator';
}

function inRange({ kind }: Open, complete: boolean): string {
  if (kind === 'step') return ` in subquery selector, expected ${complete ? '"]"' : 'number, duration, step(), range(), or "]"'}`;
  return complete ? ' in subquery or range, expected ":" or "]"' : ` in subquery or range selector, expected ${DURATION}`;
}

/** `step` without its parentheses. */
function isBareKeyword(tokens: readonly Token[], index: number): boolean {
  return /^"?(step|range|min_of|max_of)"?$/.test(tokens[index]?.description ?? '');
}

/** `@`, a sign after it, or the beginnings of `start()`. */
function afterAt(tokens: readonly Token[], index: number): boolean {
  const [one, two, three] = [1, 2, 3].map((back) => tokens[index - back]?.description ?? '');
  if (one === '<op:@>') return true;
  if (two === '<op:@>') return one === '<op:+>' || one === '<op:->' || isAtFunction(one);
  return three === '<op:@>' && isAtFunction(two) && one === '"("';
}

function isAtFunction(description = ''): boolean {
  return /^identifier "(start|end)"$/i.test(description);
}

/** Whether a duration should go on here that began with `offset`. */
function unfinishedOffset(tokens: readonly Token[], index: number): boolean {
  let open = 0;
  for (let i = index - 1; i >= 0; i--) {
    const { description, kind } = tokens[i] ?? { description: '', kind: 'other' };
    if (description === '<offset>' && !startsOperand(tokens, i)) return open > 0 || isUnfinished(tokens, i + 1, index) || (mayGoOn(tokens, i + 1) && /^<op:[-+*/%^]>$/.test(tokens[index - 1]?.description ?? ''));
    if (description === '"("') open++;
    else if (description === '")"') open--;
    else if (kind === 'other' && !/^(<op:[-+*/%^]>|","|identifier "(step|range|min_of|max_of)")$/i.test(description)) return false;
  }
  return false;
}

/** From behind `offset`: signs, or a function's name without its parentheses. */
function isUnfinished(tokens: readonly Token[], start: number, end: number): boolean {
  return tokens.slice(start, end).every(({ description }) => /^<op:[-+]>$|^identifier /.test(description));
}
