/** The part of TraceQL that is answered: one spanset filter over fields. */

export type ComparisonOp = '=' | '!=' | '>' | '>=' | '<' | '<=' | '=~' | '!~';

export interface Field {
  readonly scope: 'span' | 'resource' | 'any' | 'intrinsic';
  readonly key: string;
}

export interface Literal {
  readonly type: 'string' | 'int' | 'float' | 'bool' | 'duration' | 'status' | 'kind' | 'nil';
  readonly value: string | number | bigint | boolean | null;
}

export type FilterExpression =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly FilterExpression[] }
  | { readonly kind: 'comparison'; readonly field: Field; readonly op: ComparisonOp; readonly literal: Literal };
