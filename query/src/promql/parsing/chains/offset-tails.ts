import type { Token } from '../scanning/scan.js';

/** An offset that goes on behind its parentheses or signs: `offset (5m + 1m) * 2`. Offsets in the query, the end exclusive. */
export interface OffsetTail {
  readonly start: number;
  readonly end: number;
}

/**
 * Prometheus' grammar takes the operators behind an offset for the offset's where that begins with a parenthesis or with two
 * signs, and for operators on series otherwise. `wrongAt`: what stands where such an operator's second operand should.
 */
export function offsetTails(tokens: readonly Token[]): { readonly tails: readonly OffsetTail[]; readonly wrongAt: number | null } {
  const tails: OffsetTail[] = [];
  for (const [i, { description }] of tokens.entries()) {
    if (description !== '<offset>') continue;
    if (!mayGoOn(tokens, i + 1)) continue;
    let end = operandEnd(tokens, i + 1);
    if (end === null || end === OPEN || !OPERATOR.test(tokens[end]?.description ?? '')) continue;
    while (OPERATOR.test(tokens[end]?.description ?? '')) {
      const next = operandEnd(tokens, end + 1);
      if (next === OPEN) return { tails, wrongAt: null };
      if (next === null) return { tails, wrongAt: tokens[afterSigns(tokens, end + 1)]?.start ?? Infinity };
      end = next;
    }
    tails.push({ start: tokens[i + 1]?.start ?? 0, end: tokens[end - 1]?.end ?? 0 });
  }
  return { tails, wrongAt: null };
}

/** Whether the operators behind an offset are its own. `start`: the index behind `offset`. */
export function mayGoOn(tokens: readonly Token[], start: number): boolean {
  const [first, second] = [tokens[start]?.description ?? '', tokens[start + 1]?.description ?? ''];
  return first === '"("' || (SIGN.test(first) && SIGN.test(second));
}

const SIGN = /^<op:[-+]>$/;
const OPERATOR = /^<op:[-+*/%^]>$/;

/** In place of the index behind an operand whose parenthesis is not closed. */
const OPEN = -1;

/** The index behind an operand of a duration; null where there is none. */
function operandEnd(tokens: readonly Token[], start: number): number | null {
  const at = afterSigns(tokens, start);
  const token = tokens[at];
  if (token === undefined) return null;
  if (token.kind !== 'other') return at + 1;
  if (token.description === '"("') return closedBehind(tokens, at);
  const called = /^identifier "(step|range|min_of|max_of)"$/i.test(token.description) && tokens[at + 1]?.description === '"("';
  return called ? closedBehind(tokens, at + 1) : null;
}

function afterSigns(tokens: readonly Token[], start: number): number {
  let at = start;
  while (SIGN.test(tokens[at]?.description ?? '')) at++;
  return at;
}

function closedBehind(tokens: readonly Token[], opening: number): number {
  let open = 0;
  for (let at = opening; at < tokens.length; at++) {
    if (tokens[at]?.description === '"("') open++;
    else if (tokens[at]?.description === '")"' && --open === 0) return at + 1;
  }
  return OPEN;
}
