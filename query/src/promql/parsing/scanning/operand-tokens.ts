import type { Token } from './scan.js';

/** Words that a list of labels in parentheses follows. */
export const GROUPING = /^<(by|without|on|ignoring|group_left|group_right)>$/;

/** Whether an operand begins with this token: a word of the language is a metric's name there. */
export function startsOperand(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.description ?? '';
  return index === 0 || /^(<op:(?!@)|"\("$|","$|<bool>)/.test(before) || (before === '")"' && closesGrouping(tokens, index - 1));
}

/** Whether an operand may end with a token, so that none can begin behind it. */
export function endsOperand(tokens: readonly Token[], index: number): boolean {
  return /^(number |duration |string$|identifier |metric identifier |"[)}\]]")/.test(tokens[index]?.description ?? '') && !(tokens[index]?.description === '")"' && closesGrouping(tokens, index));
}

/** Whether the labels or the value of an operator's modifier end with a token. */
export function closesGrouping(tokens: readonly Token[], end: number): boolean {
  let start = end;
  for (let depth = 0; start >= 0; start--) {
    const { description = '' } = tokens[start] ?? {};
    if (description === '")"') depth++;
    else if (description === '"("' && --depth === 0) break;
  }
  return /^<(on|ignoring|group_left|group_right|fill|fill_left|fill_right)>$/.test(tokens[start - 1]?.description ?? '');
}
