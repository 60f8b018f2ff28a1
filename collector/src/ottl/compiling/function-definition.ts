import type { BoundArguments } from './bound-arguments.js';
import type { Evaluate } from './expression.js';
import type { OttlContext } from '../paths/contexts.js';
import type { ValueType } from '../values.js';

/**
 * What may stand for a parameter.
 *
 * | kind | |
 * |---|---|
 * | value | anything |
 * | target | a path that can be written |
 * | map | a path to a map that can be written |
 * | string, int, float, bool, list, time, duration, number | an expression of that type; checked before the start where its type is known |
 * | pattern | a regular expression: compiled before the start where it is a literal |
 * | word, words, count, flag | a literal: string, list of strings, int, bool |
 * | function | the name of a converter of one argument |
 */
export type ParameterKind = 'value' | 'target' | 'map' | 'string' | 'int' | 'float' | 'bool' | 'list' | 'time' | 'duration' | 'number' | 'pattern' | 'word' | 'words' | 'count' | 'flag' | 'function';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly optional?: boolean;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Of converters. */
  readonly result: ValueType;
  /** What its statement is about, where it works on nothing else. */
  readonly context?: OttlContext;
  /** Further arguments than the parameters' are refused. @throws Error for literals that make no sense */
  build(args: BoundArguments): Evaluate;
}

/** `name: kind` for parameters; a `?` behind the name makes it optional. */
export function define(name: string, parameters: Readonly<Record<string, ParameterKind>>, result: ValueType, build: FunctionDefinition['build'], context?: OttlContext): FunctionDefinition {
  return {
    name,
    parameters: Object.entries(parameters).map(([parameter, kind]) => ({ name: parameter.replace('?', ''), kind, optional: parameter.endsWith('?') })),
    result,
    build,
    ...(context === undefined ? {} : { context }),
  };
}
