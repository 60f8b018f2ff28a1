import type { AnyValue } from '@signalbox/signals/model/attributes';
import { nearestName } from '../../config/nearest.js';
import { OttlError, OttlFailure } from '../error.js';
import type { EvaluationContext } from '../evaluation-context.js';
import type { Expression } from './expression.js';
import { contextFields, contextNamed, enclosing, type OttlContext } from '../paths/contexts.js';
import { toStored, type Field, type Fields } from '../paths/field.js';
import { entryValue, nestedValue, withEntry, withNested, type Key } from '../paths/nested.js';
import type { FieldNode, ValueNode } from '../parsing/syntax.js';
import { typeOf } from '../values.js';

export interface PathOptions {
  readonly statement: string;
  readonly context: OttlContext;
  /** Every path names its context first: the statement stands under no `context:`. */
  readonly prefixed: boolean;
  compile(node: ValueNode): Expression;
}

/** @throws OttlError for names that are not there, with the nearest that is */
export function compilePath(fields: readonly FieldNode[], options: PathOptions): Expression {
  const { statement, context, prefixed } = options;
  const [first] = fields;
  const named = fields.length > 1 && first.keys.length === 0 ? contextNamed(first.name) : null;
  if (named !== null && named !== context && !enclosing[context].includes(named)) {
    throw new OttlError(statement, first.offset, `'${first.name}' cannot be reached from a ${context}; known here: ${[context, ...enclosing[context]].join(', ')}`);
  }
  if (named === null && prefixed) throw new OttlError(statement, first.offset, `A path begins with the name of its context here, such as ${context}.${first.name}`);
  return walk(named === null ? fields : fields.slice(1), contextFields[named ?? context], named ?? context, options);
}

function walk(fields: readonly FieldNode[], table: Fields, within: string, options: PathOptions): Expression {
  const [node, ...rest] = fields;
  const field = Object.hasOwn(table, node.name) ? table[node.name] : undefined;
  if (!field) {
    const known = Object.keys(table);
    throw new OttlError(options.statement, node.offset, `${within} has no field '${node.name}'; known: ${known.join(', ')}`, nearestName(node.name, known));
  }
  if (rest.length > 0) {
    if (!field.fields || node.keys.length > 0) {
      const hint = field.entries || field.type === 'any' ? `; a key stands in brackets: ${node.name}["${rest.map(({ name }) => name).join('.')}"]` : '';
      throw new OttlError(options.statement, rest[0].offset, `'${node.name}' has no fields behind a dot${hint}`);
    }
    return walk(rest, field.fields, node.name, options);
  }
  const { get } = field;
  if (!get) throw new OttlError(options.statement, node.offset, `'${node.name}' is no value by itself; its fields: ${Object.keys(field.fields ?? {}).join(', ')}`);
  if (node.keys.length === 0) return { ...field, get };
  if (!field.entries && field.type !== 'any' && field.type !== 'list') throw new OttlError(options.statement, node.keys[0].offset, `'${node.name}' is of type ${field.type} and cannot be indexed`);
  return keyed({ ...field, get }, compileKeys(node.keys, options));
}

type ReadableField = Field & Pick<Expression, 'get'>;

/** The keys where all are literals, else a function that works them out. */
export type CompiledKeys = readonly Key[] | ((context: EvaluationContext) => readonly Key[]);

export function compileKeys(nodes: readonly ValueNode[], { statement, compile }: Pick<PathOptions, 'statement' | 'compile'>): CompiledKeys {
  const keys = nodes.map((node) => {
    const expression = compile(node);
    const { type, constant } = expression;
    if (type !== 'string' && type !== 'int' && (type !== 'any' || constant)) throw new OttlError(statement, node.offset, `A key is a string or an int, not of type ${type}`);
    return expression;
  });
  if (keys.every(({ constant }) => constant)) return keys.map(({ constant }) => constant?.value as Key);
  return (context) =>
    keys.map(({ get }) => {
      const key = get(context);
      if (typeof key === 'string' || typeof key === 'bigint') return key;
      throw new OttlFailure(`a key is a string or an int, not of type ${typeOf(key)}`);
    });
}

function keyed(field: ReadableField, keys: CompiledKeys): Expression {
  const { entries, setEntries, get, set } = field;
  const only = typeof keys !== 'function' && keys.length === 1 ? keys[0] : null;
  if (entries && typeof only === 'string') {
    return {
      type: 'any',
      get: (context) => entryValue(entries(context), only),
      ...(setEntries && { set: (context, value) => setEntries(context, withEntry(entries(context), only, toStored(value))) }),
    };
  }
  const resolve = typeof keys === 'function' ? keys : (): readonly Key[] => keys;
  if (entries) {
    const first = (all: readonly Key[]): string => {
      if (typeof all[0] === 'string') return all[0];
      throw new OttlFailure(`a map is indexed by a string, not by ${all[0]}`);
    };
    return {
      type: 'any',
      get: (context) => {
        const all = resolve(context);
        return nestedValue(entryValue(entries(context), first(all)), all, 1);
      },
      ...(setEntries && {
        set: (context, value) => {
          const all = resolve(context);
          const list = entries(context);
          setEntries(context, withEntry(list, first(all), withNested(entryValue(list, first(all)), all, toStored(value), 1)));
        },
      }),
    };
  }
  return {
    type: 'any',
    get: (context) => nestedValue(get(context), resolve(context)),
    ...(set && { set: (context, value) => set(context, withNested(get(context) as AnyValue, resolve(context), toStored(value))) }),
  };
}
