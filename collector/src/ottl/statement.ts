import { Compiler } from './compiling/compiler.js';
import { OttlError } from './error.js';
import type { Evaluate } from './compiling/expression.js';
import { FUNCTIONS } from './compiling/functions.js';
import { parseCondition, parseStatement } from './parsing/parser.js';
import { contextNamed, enclosing, type OttlContext } from './paths/contexts.js';
import type { ConditionNode, StatementNode, ValueNode } from './parsing/syntax.js';

/** A statement or condition, ready to run. Running throws OttlFailure where an item's data does not fit. */
export interface Compiled<T> {
  readonly source: string;
  readonly run: Evaluate<T>;
}

export interface CompileOptions {
  readonly context: OttlContext;
  /** Paths name their context (`span.name`); otherwise they may leave out that of the statement. */
  readonly prefixed?: boolean;
}

/** @throws OttlError */
export function compileStatement(statement: string, { context, prefixed = false }: CompileOptions): Compiled<boolean> {
  return { source: statement, run: new Compiler({ statement, context, prefixed, functions: FUNCTIONS }).statement(parseStatement(statement)) };
}

/** @throws OttlError */
export function compileCondition(statement: string, { context, prefixed = false }: CompileOptions): Compiled<boolean> {
  return { source: statement, run: new Compiler({ statement, context, prefixed, functions: FUNCTIONS }).condition(parseCondition(statement)) };
}

/**
 * The context that statements without `context:` are about: the innermost of those that their paths name.
 * @throws OttlError where two are named that no item has both of
 */
export function inferContext(texts: readonly { readonly text: string; readonly kind: 'statement' | 'condition' }[], allowed: readonly OttlContext[]): OttlContext {
  let inferred: OttlContext | null = null;
  for (const { text, kind } of texts) {
    for (const path of pathsOf(kind === 'statement' ? parseStatement(text) : { editor: null, where: parseCondition(text) })) {
      const [first] = path.fields;
      const named = path.fields.length > 1 || first.keys.length === 0 ? contextNamed(first.name) : null;
      if (named === null) throw new OttlError(text, path.offset, `A path begins with the name of its context here, one of ${allowed.join(', ')}: ${allowed.at(-1)}.${first.name}`);
      if (!allowed.includes(named)) throw new OttlError(text, path.offset, `'${first.name}' has no place here; contexts: ${allowed.join(', ')}`);
      if (inferred === null || enclosing[named].includes(inferred)) inferred = named;
      else if (named !== inferred && !enclosing[inferred].includes(named)) throw new OttlError(text, path.offset, `No item is both ${inferred} and ${named}: put the statements into groups of their own`);
    }
  }
  return inferred ?? allowed[allowed.length - 1];
}

type PathNode = ValueNode & { kind: 'path' };

function* pathsOf({ editor, where }: { editor: StatementNode['editor'] | null; where: ConditionNode | null }): Generator<PathNode> {
  if (editor) yield* pathsInValue(editor);
  if (where) yield* pathsInCondition(where);
}

function* pathsInCondition(node: ConditionNode): Generator<PathNode> {
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const term of node.terms) yield* pathsInCondition(term);
      break;
    case 'not':
      yield* pathsInCondition(node.of);
      break;
    case 'compare':
      yield* pathsInValue(node.left);
      yield* pathsInValue(node.right);
      break;
    case 'test':
      yield* pathsInValue(node.call);
      break;
    case 'constant':
      break;
  }
}

function* pathsInValue(node: ValueNode): Generator<PathNode> {
  switch (node.kind) {
    case 'path':
      yield node;
      for (const { keys } of node.fields) for (const key of keys) yield* pathsInValue(key);
      break;
    case 'call':
      for (const { value } of node.arguments) yield* pathsInValue(value);
      for (const key of node.keys) yield* pathsInValue(key);
      break;
    case 'list':
      for (const item of node.items) yield* pathsInValue(item);
      break;
    case 'map':
      for (const { value } of node.entries) yield* pathsInValue(value);
      break;
    case 'math':
      yield* pathsInValue(node.left);
      yield* pathsInValue(node.right);
      break;
    case 'literal':
    case 'symbol':
      break;
  }
}
