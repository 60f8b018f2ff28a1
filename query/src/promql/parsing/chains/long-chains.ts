import type { Token } from '../scanning/scan.js';
import { GROUPING, closesGrouping } from '../scanning/operand-tokens.js';

/** A part of a query with very many operators side by side: from offset to offset, and its operators' neighbourhoods. */
export interface LongChain {
  readonly start: number;
  readonly end: number;
  /** For each operator from the beginning of the operand before it to the end of the one behind it. */
  readonly pairs: readonly { readonly from: number; readonly to: number }[];
}

/** The grammar's parser gives up on some hundred operators in a row. */
const MANY = 300;

interface Level {
  readonly kind: 'operands' | 'other';
  first: number;
  operators: number[];
}

/** Chains of operators that are too long for the grammar, inner ones first. */
export function longChains(tokens: readonly Token[]): LongChain[] {
  const found: LongChain[] = [];
  const open: Level[] = [{ kind: 'operands', first: 0, operators: [] }];
  const finish = (level: Level | undefined, end: number): void => {
    if (level !== undefined && level.operators.length > MANY) found.push(chainOf(tokens, level, end));
  };
  for (const [i, { description }] of tokens.entries()) {
    const level = open.at(-1);
    if (description === '"("') open.push({ kind: GROUPING.test(tokens[i - 1]?.description ?? '') ? 'other' : 'operands', first: i + 1, operators: [] });
    else if (description === '"{"' || description === '"["') open.push({ kind: 'other', first: i + 1, operators: [] });
    else if (description === '")"' || description === '"}"' || description === '"]"') finish(open.pop(), i);
    else if (level?.kind === 'operands' && description === '","') {
      finish(level, i);
      level.first = i + 1;
      level.operators = [];
    } else if (level?.kind === 'operands' && /^<op:(?!@)/.test(description) && endsOperand(tokens, i - 1)) level.operators.push(i);
  }
  finish(open[0], tokens.length);
  return found;
}

function chainOf(tokens: readonly Token[], { first, operators }: Level, end: number): LongChain {
  const startOf = (index: number) => tokens[index]?.start ?? 0;
  const endOf = (index: number) => tokens[index]?.end ?? 0;
  const pairs = operators.map((_, k) => ({
    // Modifiers of the operator before are no part of an operand.
    from: k === 0 ? startOf(first) : operandStart(tokens, (operators[k - 1] ?? 0) + 1), to: endOf((operators[k + 1] ?? end) - 1),
  }));
  return { start: startOf(first), end: endOf(end - 1), pairs };
}

/** Behind an operator's modifiers: `bool`, `on (…)`, `group_left (…)`, `fill (…)`. */
function operandStart(tokens: readonly Token[], index: number): number {
  let at = index;
  for (let description = tokens[at]?.description ?? ''; /^<(bool|on|ignoring|group_left|group_right|fill|fill_left|fill_right)>$/.test(description); description = tokens[at]?.description ?? '') {
    at++;
    if (tokens[at]?.description === '"("' && description !== '<bool>') while (at < tokens.length && tokens[at++]?.description !== '")"');
  }
  return tokens[at]?.start ?? 0;
}

/** Whether an operand ends with a token, so that an operator behind it has two sides. */
function endsOperand(tokens: readonly Token[], index: number): boolean {
  const description = tokens[index]?.description ?? '';
  if (description === '")"') return !closesGrouping(tokens, index);
  return /^(number |duration |string$|identifier |metric identifier |"[}\]]"|<anchored>|<smoothed>)/.test(description);
}
