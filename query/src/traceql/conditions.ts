import type { SpanCondition } from '../readers.js';
import type { FilterExpression } from './ast.js';
import { TraceQLError } from './error.js';

/** Searches that one query may become through `||`. */
const MAX_ALTERNATIVES = 64;

/**
 * A filter in disjunctive normal form: a span matches where it meets all conditions of one alternative. No alternative:
 * nothing matches; an empty alternative: everything does. Throws TraceQLError where it would become too many.
 */
export function alternativesOf(expression: FilterExpression): SpanCondition[][] {
  switch (expression.kind) {
    case 'constant':
      return expression.value ? [[]] : [];
    case 'comparison':
      return [[condition(expression)]];
    case 'or':
      return limited(expression.terms.flatMap(alternativesOf));
    case 'and':
      return expression.terms.reduce<SpanCondition[][]>((combined, term) => {
        const alternatives = alternativesOf(term);
        return limited(combined.flatMap((start) => alternatives.map((conditions) => [...start, ...conditions])));
      }, [[]]);
  }
}

function condition({ field, op, literal }: Extract<FilterExpression, { kind: 'comparison' }>): SpanCondition {
  if (literal.type === 'nil') return { ...field, op: 'exists', value: null };
  if (field.scope === 'intrinsic' && (field.key === 'traceId' || field.key === 'spanId' || field.key === 'parentId')) {
    const digits = field.key === 'traceId' ? 32 : 16;
    return { ...field, op, value: op === '=' || op === '!=' ? String(literal.value).toLowerCase().padStart(digits, '0') : literal.value };
  }
  return { ...field, op, value: literal.value };
}

function limited(alternatives: SpanCondition[][]): SpanCondition[][] {
  if (alternatives.length > MAX_ALTERNATIVES) throw new TraceQLError(`the query has more than ${MAX_ALTERNATIVES} combinations of || and &&; ask for fewer at a time`);
  return alternatives;
}
