import type { SyntaxNode } from '@lezer/common';
import type { Range } from '../../ast.js';

/** Its place in the query. */
export function rangeOf(node: SyntaxNode): Range {
  return { start: node.from, end: node.to };
}

export function childrenOf(node: SyntaxNode | null): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

const EXPRESSIONS = new Set([
  'AggregateExpr', 'BinaryExpr', 'FunctionCall', 'MatrixSelector', 'NumberDurationLiteral', 'OffsetExpr', 'AnchoredExpr', 'SmoothedExpr',
  'ParenExpr', 'StringLiteral', 'SubqueryExpr', 'UnaryExpr', 'VectorSelector', 'StepInvariantExpr',
]);

/** Whether the grammar's node is an expression, and not a part of one. */
export function isExpression(node: SyntaxNode): boolean {
  return EXPRESSIONS.has(node.name);
}

/** The first expression below a node. */
export function expressionIn(node: SyntaxNode): SyntaxNode | undefined {
  return childrenOf(node).find(isExpression);
}
