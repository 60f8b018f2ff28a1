/** What a parsed statement consists of. `offset` is where a thing begins in the statement. */
export type ValueNode =
  | { readonly kind: 'literal'; readonly value: string | boolean | bigint | number | Uint8Array | null; readonly offset: number }
  /** A name with a capital that is no call: an enum's, or a function handed to another. */
  | { readonly kind: 'symbol'; readonly name: string; readonly offset: number }
  | { readonly kind: 'path'; readonly fields: readonly FieldNode[]; readonly offset: number }
  | CallNode
  | { readonly kind: 'list'; readonly items: readonly ValueNode[]; readonly offset: number }
  | { readonly kind: 'map'; readonly entries: readonly { readonly key: string; readonly value: ValueNode }[]; readonly offset: number }
  | { readonly kind: 'math'; readonly operator: MathOperator; readonly left: ValueNode; readonly right: ValueNode; readonly offset: number };

export interface FieldNode {
  readonly name: string;
  /** What stands in brackets behind it. */
  readonly keys: readonly ValueNode[];
  readonly offset: number;
}

export interface CallNode {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
  readonly keys: readonly ValueNode[];
  readonly offset: number;
}

export interface ArgumentNode {
  /** Of `name=value`; null where it goes by its place. */
  readonly name: string | null;
  readonly value: ValueNode;
  readonly offset: number;
}

export type MathOperator = '+' | '-' | '*' | '/';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type ConditionNode =
  | { readonly kind: 'or' | 'and'; readonly terms: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly of: ConditionNode }
  | { readonly kind: 'compare'; readonly operator: CompareOperator; readonly left: ValueNode; readonly right: ValueNode; readonly offset: number }
  | { readonly kind: 'constant'; readonly value: boolean }
  /** A converter that answers true or false. */
  | { readonly kind: 'test'; readonly call: CallNode };

export interface StatementNode {
  readonly editor: CallNode;
  readonly where: ConditionNode | null;
}
