import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import type { EvaluationContext } from '../evaluation-context.js';
import type { Evaluate, Expression } from './expression.js';
import { compilePattern, type Pattern } from '../pattern.js';
import { DurationValue, isList, TimeValue, typeOf, type OttlValue, type ValueType } from '../values.js';

/** A value that was worked out, as an argument of a function given by name: `SHA256`. */
export type Conversion = (context: EvaluationContext, value: OttlValue) => OttlValue;

export type BoundArgument = { readonly expression: Expression } | { readonly conversion: Conversion };

/** Patterns that come out of data are kept compiled, this many for each place. */
const MAX_PATTERNS = 64;

/** The arguments of one call, read by parameter. Readers throw OttlFailure where a value turns out to be of another type. */
export class BoundArguments {
  constructor(readonly bound: ReadonlyMap<string, BoundArgument>) {}

  has(name: string): boolean {
    return this.bound.has(name);
  }

  expression(name: string): Expression {
    const argument = this.bound.get(name);
    if (!argument || !('expression' in argument)) throw new Error(`there is no argument '${name}'`);
    return argument.expression;
  }

  conversion(name: string): Conversion | null {
    const argument = this.bound.get(name);
    return argument && 'conversion' in argument ? argument.conversion : null;
  }

  value(name: string): Evaluate {
    return this.expression(name).get;
  }

  string(name: string): Evaluate<string> {
    return this.#typed(name, 'string', (value): value is string => typeof value === 'string');
  }

  int(name: string): Evaluate<bigint> {
    return this.#typed(name, 'int', (value): value is bigint => typeof value === 'bigint');
  }

  bool(name: string): Evaluate<boolean> {
    return this.#typed(name, 'bool', (value): value is boolean => typeof value === 'boolean');
  }

  list(name: string): Evaluate<readonly AnyValue[]> {
    return this.#typed(name, 'list', isList);
  }

  time(name: string): Evaluate<TimeValue> {
    return this.#typed(name, 'time', (value): value is TimeValue => value instanceof TimeValue);
  }

  duration(name: string): Evaluate<DurationValue> {
    return this.#typed(name, 'duration', (value): value is DurationValue => value instanceof DurationValue);
  }

  #typed<T extends OttlValue>(name: string, type: ValueType, is: (value: OttlValue) => value is T): Evaluate<T> {
    const { get } = this.expression(name);
    return (context) => {
      const value = get(context);
      if (is(value)) return value;
      throw new OttlFailure(`${name}: expected ${type}, found ${typeOf(value)}`);
    };
  }

  /** Of literals. */
  literal(name: string): OttlValue | undefined {
    return this.bound.has(name) ? this.expression(name).constant?.value : undefined;
  }

  word(name: string, otherwise: string): string {
    const value = this.literal(name);
    return typeof value === 'string' ? value : otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.literal(name);
    return typeof value === 'boolean' ? value : otherwise;
  }

  count(name: string): number | null {
    const value = this.literal(name);
    return typeof value === 'bigint' ? Number(value) : null;
  }

  words(name: string): readonly string[] {
    const value = this.literal(name);
    return isList(value ?? null) ? (value as readonly string[]) : [];
  }

  pattern(name: string): Evaluate<Pattern> {
    const { constant } = this.expression(name);
    if (typeof constant?.value === 'string') {
      const pattern = compilePattern(constant.value);
      return () => pattern;
    }
    const text = this.string(name);
    const compiled = new Map<string, Pattern>();
    return (context) => {
      const source = text(context);
      let pattern = compiled.get(source);
      if (!pattern) {
        try {
          pattern = compilePattern(source);
        } catch (error) {
          throw new OttlFailure(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
        if (compiled.size >= MAX_PATTERNS) compiled.clear();
        compiled.set(source, pattern);
      }
      return pattern;
    };
  }

  /** Replaces the map's entries by what `edit` answers; the same list means that nothing is written. */
  editMap(name: string, edit: (entries: Attributes, context: EvaluationContext) => Attributes): Evaluate<null> {
    const { entries, setEntries, get, set } = this.expression(name);
    if (entries && setEntries) {
      return (context) => {
        setEntries(context, edit(entries(context), context));
        return null;
      };
    }
    return (context) => {
      const value = get(context);
      if (value === null) return null;
      if (!(value instanceof KeyValueList)) throw new OttlFailure(`${name}: expected map, found ${typeOf(value)}`);
      const edited = edit(value.entries, context);
      if (edited !== value.entries) set?.(context, new KeyValueList(edited));
      return null;
    };
  }
}

