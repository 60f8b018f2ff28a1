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
 * The context that statements without `context:` are about: the innermost of those that their paths name and their functions work on.
 * @throws OttlError where two are named that no item has both of
 */
export function inferContext(texts: readonly { readonly text: string; readonly kind: 'statement' | 'condition' }[], allowed: readonly OttlContext[]): OttlContext {
  let inferred: OttlContext | null = null;
  const takes = (text: string, offset: number, name: string, context: OttlContext): void => {
    if (!allowed.includes(context)) throw new OttlError(text, offset, `'${name}' has no place here; contexts: ${allowed.join(', ')}`);
    if (inferred === null || enclosing[context].includes(inferred)) inferred = context;
    else if (context !== inferred && !enclosing[inferred].includes(context)) throw new OttlError(text, offset, `No item is both ${inferred} and ${context}: put the statements into groups of their own`);
  };
  for (const { text, kind } of texts) {
    for (const node of namesIn(kind === 'statement' ? parseStatement(text) : { editor: null, where: parseCondition(text) })) {
      if (node.kind === 'call') {
        const context = (FUNCTIONS.editors.get(node.name) ?? FUNCTIONS.converters.get(node.name))?.context;
        if (context !== undefined) takes(text, node.offset, node.name, context);
        continue;
      }
      const [first] = node.fields;
      const named = node.fields.length > 1 || first.keys.length === 0 ? contextNamed(first.name) : null;
      if (named === null) throw new OttlError(text, node.offset, `A path begins with the name of its context here, one of ${allowed.join(', ')}: ${allowed.at(-1)}.${first.name}`);
      takes(text, node.offset, first.name, named);
    }
  }
  return inferred ?? allowed[allowed.length - 1];
}

/** What may say which context a statement has. */
type NameNode = ValueNode & { kind: 'path' | 'call' };

function* namesIn({ editor, where }: { editor: StatementNode['editor'] | null; where: ConditionNode | null }): Generator<NameNode> {
  if (editor) yield* namesInValue(editor);
  if (where) yield* namesInCondition(where);
}

function* namesInCondition(node: ConditionNode): Generator<NameNode> {
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const term of node.terms) yield* namesInCondition(term);
      break;
    case 'not':
      yield* namesInCondition(node.of);
      break;
    case 'compare':
      yield* namesInValue(node.left);
      yield* namesInValue(node.right);
      break;
    case 'test':
      yield* namesInValue(node.call);
      break;
    case 'constant':
      break;
  }
}

function* namesInValue(node: ValueNode): Generator<NameNode> {
  switch (node.kind) {
    case 'path':
      yield node;
      for (const { keys } of node.fields) for (const key of keys) yield* namesInValue(key);
      break;
    case 'call':
      yield node;
      for (const { value } of node.arguments) yield* namesInValue(value);
      for (const key of node.keys) yield* namesInValue(key);
      break;
    case 'list':
      for (const item of node.items) yield* namesInValue(item);
      break;
    case 'map':
      for (const { value } of node.entries) yield* namesInValue(value);
      break;
    case 'math':
      yield* namesInValue(node.left);
      yield* namesInValue(node.right);
      break;
    case 'literal':
    case 'symbol':
      break;
  }
}
