import type { AnyValue } from '@signalbox/signals/model/attributes';
import type { ErrorMode } from '../../ottl/error-mode.js';
import type { Compiled } from '../../ottl/statement.js';

/** Whether a span (or its resource) has an attribute with such a value. */
export interface AttributeCondition {
  readonly number: number;
  matches(value: AnyValue): boolean;
}

export interface StatementCondition {
  readonly number: number;
  readonly context: 'span' | 'spanevent';
  readonly mode: ErrorMode;
  readonly statements: readonly Compiled<boolean>[];
}

/**
 * What policies ask of single spans. Each condition has a number; of a trace only the numbers are kept of those that some span has met.
 */
export class SpanConditions {
  /** By key. */
  readonly attributes = new Map<string, AttributeCondition[]>();
  /** Bit n: the status code n. */
  readonly statuses: { readonly number: number; readonly codes: number }[] = [];
  readonly traceStates: { readonly number: number; readonly key: string; readonly values: readonly string[] }[] = [];
  readonly statements: StatementCondition[] = [];
  #count = 0;

  attribute(key: string, matches: (value: AnyValue) => boolean): number {
    const number = this.#count++;
    const conditions = this.attributes.get(key);
    if (conditions) conditions.push({ number, matches });
    else this.attributes.set(key, [{ number, matches }]);
    return number;
  }

  status(codes: readonly number[]): number {
    const number = this.#count++;
    this.statuses.push({ number, codes: codes.reduce((bits, code) => bits | (1 << code), 0) });
    return number;
  }

  traceState(key: string, values: readonly string[]): number {
    const number = this.#count++;
    this.traceStates.push({ number, key, values });
    return number;
  }

  statement(condition: Omit<StatementCondition, 'number'>): number {
    const number = this.#count++;
    this.statements.push({ ...condition, number });
    return number;
  }
}

/** Whether a W3C tracestate has one of the values for the key. */
export function hasTraceState(text: string, key: string, values: readonly string[]): boolean {
  for (const member of text.split(',')) {
    const at = member.indexOf('=');
    if (at > 0 && member.slice(0, at).trim() === key && values.includes(member.slice(at + 1).trim())) return true;
  }
  return false;
}
