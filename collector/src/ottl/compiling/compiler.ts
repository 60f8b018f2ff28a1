import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { nearestName } from '../../config/nearest.js';
import { calculate } from '../operators/arithmetic.js';
import { bindArguments } from './bind.js';
import { compareValues } from '../operators/compare.js';
import { OttlError } from '../error.js';
import { ENUMS } from '../enums.js';
import { constant, type Evaluate, type Expression } from './expression.js';
import type { FunctionDefinition } from './function-definition.js';
import { nestedValue } from '../paths/nested.js';
import { toStored } from '../paths/field.js';
import type { OttlContext } from '../paths/contexts.js';
import { compileKeys, compilePath } from './path-expression.js';
import type { CallNode, ConditionNode, StatementNode, ValueNode } from '../parsing/syntax.js';
import { typeOf } from '../values.js';
import { UNSUPPORTED } from './unsupported.js';

export interface Functions {
  readonly editors: ReadonlyMap<string, FunctionDefinition>;
  readonly converters: ReadonlyMap<string, FunctionDefinition>;
}

export interface CompilerOptions {
  readonly statement: string;
  readonly context: OttlContext;
  readonly prefixed: boolean;
  readonly functions: Functions;
}

/** Checks names and types, and makes closures of what was parsed. Everything throws OttlError. */
export class Compiler {
  constructor(readonly options: CompilerOptions) {}

  /** Answers whether the editor ran. */
  statement({ editor, where }: StatementNode): Evaluate<boolean> {
    const run = this.#call(editor, this.options.functions.editors, 'editor').get;
    if (!where) {
      return (context) => {
        run(context);
        return true;
      };
    }
    const holds = this.condition(where);
    return (context) => {
      if (!holds(context)) return false;
      run(context);
      return true;
    };
  }

  condition(node: ConditionNode): Evaluate<boolean> {
    switch (node.kind) {
      case 'constant':
        return () => node.value;
      case 'not': {
        const of = this.condition(node.of);
        return (context) => !of(context);
      }
      case 'or': {
        const terms = node.terms.map((term) => this.condition(term));
        return (context) => {
          for (let i = 0; i < terms.length; i++) if (terms[i](context)) return true;
          return false;
        };
      }
      case 'and': {
        const terms = node.terms.map((term) => this.condition(term));
        return (context) => {
          for (let i = 0; i < terms.length; i++) if (!terms[i](context)) return false;
          return true;
        };
      }
      case 'test': {
        const { type, get } = this.value(node.call);
        if (type !== 'bool' && type !== 'any') this.#fail(node.call.offset, `${node.call.name} answers a ${type}, which is no condition: compare it with something`);
        return (context) => get(context) === true;
      }
      case 'compare':
        return this.#comparison(node);
    }
  }

  #comparison({ operator, left, right }: ConditionNode & { kind: 'compare' }): Evaluate<boolean> {
    const a = this.value(left);
    const b = this.value(right);
    const literal = b.constant?.value;
    // What most conditions are, without the general rules.
    if (typeof literal === 'string' && (operator === '==' || operator === '!=')) {
      const wanted = operator === '==';
      return (context) => (a.get(context) === literal) === wanted;
    }
    if (literal === null && (operator === '==' || operator === '!=')) {
      const wanted = operator === '==';
      return (context) => (a.get(context) === null) === wanted;
    }
    return (context) => compareValues(a.get(context), b.get(context), operator);
  }

  readonly value = (node: ValueNode): Expression => {
    switch (node.kind) {
      case 'literal':
        return constant(node.value, typeOf(node.value));
      case 'symbol':
        return this.#enum(node);
      case 'path':
        return compilePath(node.fields, { ...this.options, compile: this.value });
      case 'call': {
        const definition = this.#call(node, this.options.functions.converters, 'converter');
        if (node.keys.length === 0) return definition;
        const keys = compileKeys(node.keys, { statement: this.options.statement, compile: this.value });
        return { type: 'any', get: (context) => nestedValue(definition.get(context), typeof keys === 'function' ? keys(context) : keys) };
      }
      case 'list': {
        const items = node.items.map(this.value);
        if (items.every((item) => item.constant)) return { ...constant(items.map((item) => toStored(item.constant!.value)), 'list'), items };
        return { type: 'list', items, get: (context) => items.map(({ get }): AnyValue => toStored(get(context))) };
      }
      case 'map': {
        const entries = node.entries.map(({ key, value }) => ({ key, value: this.value(value) }));
        if (entries.every(({ value }) => value.constant)) return constant(new KeyValueList(entries.map(({ key, value }) => ({ key, value: toStored(value.constant!.value) }))), 'map');
        return { type: 'map', get: (context) => new KeyValueList(entries.map(({ key, value }) => ({ key, value: toStored(value.get(context)) }))) };
      }
      case 'math':
        return this.#math(node);
    }
  };

  #math({ operator, left, right, offset }: ValueNode & { kind: 'math' }): Expression {
    const a = this.value(left);
    const b = this.value(right);
    for (const { type } of [a, b]) {
      if (type !== 'any' && type !== 'int' && type !== 'float' && type !== 'time' && type !== 'duration') this.#fail(offset, `There is no '${operator}' for values of type ${type}${type === 'string' ? ': texts are joined by Concat' : ''}`);
    }
    const type = a.type === 'int' && b.type === 'int' ? 'int' : [a.type, b.type].includes('float') ? 'float' : 'any';
    return { type, get: (context) => calculate(operator, a.get(context), b.get(context)) };
  }

  #enum({ name, offset }: ValueNode & { kind: 'symbol' }): Expression {
    const value = ENUMS.get(name);
    if (value !== undefined) return constant(value, 'int');
    if (this.options.functions.converters.has(name)) return this.#fail(offset, `A function is called with parentheses: ${name}(…)`);
    return this.#fail(offset, `There is no enum '${name}'`, nearestName(name, ENUMS.keys()));
  }

  #call(node: CallNode, functions: ReadonlyMap<string, FunctionDefinition>, kind: 'editor' | 'converter'): Expression {
    const definition = functions.get(node.name);
    if (!definition) {
      const { editors, converters } = this.options.functions;
      if (kind === 'converter' && editors.has(node.name)) this.#fail(node.offset, `'${node.name}' is an editor: it begins a statement and answers nothing`);
      if (kind === 'editor' && converters.has(node.name)) this.#fail(node.offset, `'${node.name}' is a converter: it answers a value and changes nothing`);
      const reason = UNSUPPORTED.get(node.name);
      if (reason !== undefined) this.#fail(node.offset, `There is no ${kind} '${node.name}': ${reason}`);
      return this.#fail(node.offset, `There is no ${kind} '${node.name}'`, nearestName(node.name, functions.keys()));
    }
    const { context } = definition;
    if (context !== undefined && context !== this.options.context) this.#fail(node.offset, `${node.name} works on a ${context}, and the statement is about a ${this.options.context}: put it into a group of its own, with the context ${context}`);
    const args = bindArguments(node, definition, { statement: this.options.statement, converters: this.options.functions.converters, compile: this.value });
    try {
      return { type: definition.result, get: definition.build(args) };
    } catch (error) {
      if (error instanceof OttlError) throw error;
      return this.#fail(node.offset, `${node.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #fail(offset: number, reason: string, nearest: string | null = null): never {
    throw new OttlError(this.options.statement, offset, reason, nearest);
  }
}
