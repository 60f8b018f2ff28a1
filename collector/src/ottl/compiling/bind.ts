import { nearestName } from '../../config/nearest.js';
import { BoundArguments, type BoundArgument, type Conversion } from './bound-arguments.js';
import { OttlError } from '../error.js';
import type { EvaluationContext } from '../evaluation-context.js';
import type { Expression } from './expression.js';
import type { FunctionDefinition, Parameter, ParameterKind } from './function-definition.js';
import { compilePattern } from '../pattern.js';
import type { ArgumentNode, CallNode, ValueNode } from '../parsing/syntax.js';
import { isList, type OttlValue, type ValueType } from '../values.js';

export interface BindOptions {
  readonly statement: string;
  readonly converters: ReadonlyMap<string, FunctionDefinition>;
  compile(node: ValueNode): Expression;
}

/** Gives each parameter its argument, by place or by name, and checks what can be checked before anything runs. @throws OttlError */
export function bindArguments(node: CallNode, definition: FunctionDefinition, options: BindOptions): BoundArguments {
  const { statement } = options;
  const { parameters } = definition;
  const bound = new Map<string, BoundArgument>();
  let byName = false;
  node.arguments.forEach((argument, i) => {
    let parameter: Parameter | undefined;
    if (argument.name !== null) {
      byName = true;
      parameter = parameters.find(({ name }) => name === argument.name);
      if (!parameter) throw new OttlError(statement, argument.offset, `${node.name} has no parameter '${argument.name}'; it is ${signature(definition)}`, nearestName(argument.name, parameters.map(({ name }) => name)));
    } else {
      if (byName) throw new OttlError(statement, argument.offset, 'Behind an argument with a name all others have one too');
      parameter = parameters[i];
      if (!parameter) throw new OttlError(statement, argument.offset, `${node.name} has not so many parameters; it is ${signature(definition)}`);
    }
    if (bound.has(parameter.name)) throw new OttlError(statement, argument.offset, `'${parameter.name}' is given twice`);
    bound.set(parameter.name, bindArgument(parameter, argument, node, options));
  });
  const missing = parameters.find(({ name, optional }) => !optional && !bound.has(name));
  if (missing) throw new OttlError(statement, node.offset, `${node.name} needs '${missing.name}'; it is ${signature(definition)}`);
  return new BoundArguments(bound);
}

export function signature({ name, parameters }: FunctionDefinition): string {
  return `${name}(${parameters.map((parameter) => (parameter.optional ? `[${parameter.name}]` : parameter.name)).join(', ')})`;
}

const TYPES: Readonly<Record<ParameterKind, readonly ValueType[]>> = {
  value: [], target: [], function: [],
  map: ['map'], string: ['string'], int: ['int'], float: ['float', 'int'], bool: ['bool'], list: ['list'], time: ['time'], duration: ['duration'],
  number: ['int', 'float'], pattern: ['string'], word: ['string'], words: ['list'], count: ['int'], flag: ['bool'],
};

const LITERALS: Partial<Record<ParameterKind, string>> = { word: 'text in double quotes', words: 'a list of texts', count: 'a whole number', flag: 'true or false' };

function bindArgument(parameter: Parameter, { value }: ArgumentNode, call: CallNode, options: BindOptions): BoundArgument {
  const { statement, compile } = options;
  const fail = (reason: string, nearest: string | null = null): never => {
    throw new OttlError(statement, value.offset, `${call.name}, '${parameter.name}': ${reason}`, nearest);
  };
  if (parameter.kind === 'function') {
    if (value.kind !== 'symbol') return fail('the name of a function was expected, without parentheses, such as SHA256');
    return { conversion: conversionNamed(value.name, options) ?? fail(`there is no function '${value.name}'`, nearestName(value.name, options.converters.keys())) };
  }
  const expression = compile(value);
  const { type } = expression;
  const wanted = TYPES[parameter.kind];
  if (wanted.length > 0 && type !== 'any' && !wanted.includes(type)) return fail(`expected ${wanted.join(' or ')}, found ${type}`);
  const literal = LITERALS[parameter.kind];
  if (literal !== undefined && !expression.constant) return fail(`expected ${literal}, written out`);
  if (parameter.kind === 'words' && !isWords(expression.constant?.value ?? null)) return fail('expected a list of texts');
  if ((parameter.kind === 'target' || parameter.kind === 'map') && !expression.set && !expression.setEntries) return fail(value.kind === 'path' ? 'this path can be read only' : 'expected a path, such as attributes["key"]');
  if (parameter.kind === 'pattern' && typeof expression.constant?.value === 'string') {
    try {
      compilePattern(expression.constant.value);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  }
  return { expression };
}

function isWords(value: OttlValue): boolean {
  return isList(value) && value.every((item) => typeof item === 'string');
}

/** A converter of one argument, applied to a value at hand; null where there is none such. */
function conversionNamed(name: string, { converters }: BindOptions): Conversion | null {
  const definition = converters.get(name);
  const [first, second] = definition?.parameters ?? [];
  if (!definition || !first || (second && !second.optional)) return null;
  let held: OttlValue = null;
  const run = definition.build(new BoundArguments(new Map([[first.name, { expression: { type: 'any', get: () => held } }]])));
  return (context: EvaluationContext, value) => {
    held = value;
    return run(context);
  };
}
