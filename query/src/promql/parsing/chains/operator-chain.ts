import type { SyntaxNode } from '@lezer/common';

/** How tightly operators bind. */
export const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1, and: 2, unless: 2, '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3, '+': 4, '-': 4, '*': 5, '/': 5, '%': 5, atan2: 5, '</': 3, '>/': 3, '^': 6,
};

const POSTFIXES = new Set(['MatrixSelector', 'SubqueryExpr', 'OffsetExpr', 'StepInvariantExpr', 'AnchoredExpr', 'SmoothedExpr']);

/** What stands in a row between operators, down to parentheses and calls. */
export type Link =
  | { readonly kind: 'atom'; readonly node: SyntaxNode; readonly from: number }
  | { readonly kind: 'sign'; readonly op: '+' | '-'; readonly from: number }
  | { readonly kind: 'postfix'; readonly node: SyntaxNode }
  | { readonly kind: 'operator'; readonly node: SyntaxNode; readonly op: string; readonly precedence: number };

/** Operands, operators, signs and postfixes in the order in which they are written, down to parentheses and calls. */
export function chainOf(root: SyntaxNode, query: string): Link[] {
  const chain: Link[] = [];
  const pending: (SyntaxNode | Link)[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('kind' in next) {
      chain.push(next);
      continue;
    }
    const first = next.firstChild;
    if (next.name === 'BinaryExpr' && first !== null && next.lastChild !== null && first.nextSibling !== null) {
      const op = query.slice(first.nextSibling.from, first.nextSibling.to).toLowerCase();
      pending.push(next.lastChild, { kind: 'operator', node: next, op, precedence: PRECEDENCE[op] ?? 0 }, first);
    } else if (next.name === 'UnaryExpr' && first !== null && next.lastChild !== null) {
      chain.push({ kind: 'sign', op: query[first.from] === '-' ? '-' : '+', from: first.from });
      pending.push(next.lastChild);
    } else if (POSTFIXES.has(next.name) && first !== null) {
      pending.push({ kind: 'postfix', node: next }, first);
    } else {
      let from = next.from;
      const sign = query[from];
      if (next.name === 'NumberDurationLiteral' && (sign === '-' || sign === '+')) {
        chain.push({ kind: 'sign', op: sign, from });
        for (from++; /\s/.test(query[from] ?? ''); from++);
      }
      chain.push({ kind: 'atom', node: next, from });
    }
  }
  return chain;
}
