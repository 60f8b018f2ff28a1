import type { AnyValueMap } from '@opentelemetry/api-logs';

const MAX_STACK = 16_384;
const MAX_CAUSES = 5;
/** Where applications put an error beside the message. */
const KEYS = ['error', 'err', 'exception', 'reason', 'cause'] as const;
const SPLAT = Symbol.for('splat');

export interface LoggedException {
  /** exception.type, exception.message, exception.stacktrace */
  readonly attributes: AnyValueMap;
  /** Keys of the line that say nothing beyond that. */
  readonly told: ReadonlySet<string>;
  /** The key that the error stood at, with what it has beyond that: fields of its own. */
  readonly rest: { readonly key: string; readonly fields: object } | null;
}

/**
 * The error that a line was logged with: the line itself (`logged`, as by `logger.error(error)`), its metadata
 * (`logger.error('text', error)`), or a field of it; else what a stack that a format left behind still tells.
 */
export function loggedException(info: object, logged: Error | undefined): LoggedException | null {
  const told = new Set(['stack', 'cause']);
  if (logged !== undefined) return { attributes: describe(logged), told, rest: null };
  for (const value of splat(info)) {
    if (!(value instanceof Error)) continue;
    // winston puts the fields of such an error into the line, a name of its own included.
    if (Reflect.get(info, 'name') === value.name) told.add('name');
    return { attributes: describe(value), told, rest: null };
  }
  for (const key of KEYS) {
    const value: unknown = Reflect.get(info, key);
    if (!isErrorLike(value)) continue;
    // The same error may stand at several keys (`{ err, error: err }`).
    for (const other of Object.keys(info)) if (other !== key && Reflect.get(info, other) === value) told.add(other);
    return { attributes: value instanceof Error ? describe(value) : describeLike(value), told, rest: { key, fields: ownFields(value) } };
  }
  const stack: unknown = Reflect.get(info, 'stack');
  return typeof stack === 'string' ? { attributes: describeStack(stack), told, rest: null } : null;
}

function splat(info: object): readonly unknown[] {
  const values: unknown = Reflect.get(info, SPLAT);
  return Array.isArray(values) ? values : [];
}

/** An error, or what a format made of one: an object with its message and stack. */
function isErrorLike(value: unknown): value is ErrorLike {
  if (value instanceof Error) return true;
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string' && 'message' in value && typeof value.message === 'string';
}

interface ErrorLike {
  readonly message: string;
  readonly stack?: string;
}

const TOLD_FIELDS: ReadonlySet<string> = new Set(['name', 'type', 'message', 'stack', 'cause']);

function ownFields(error: ErrorLike): object {
  return Object.fromEntries(Object.entries(error).filter(([key]) => !TOLD_FIELDS.has(key) || (key === 'type' && error instanceof Error)));
}

function describeLike(error: ErrorLike): AnyValueMap {
  const type: unknown = Reflect.get(error, 'name') ?? Reflect.get(error, 'type');
  return { ...describeStack(error.stack ?? ''), ...(typeof type === 'string' ? { 'exception.type': type } : {}), 'exception.message': error.message };
}

function describe(error: Error): AnyValueMap {
  return { 'exception.type': typeOf(error), 'exception.message': error.message, 'exception.stacktrace': cut(stackWithCauses(error)) };
}

function typeOf(error: Error): string {
  return error.name !== 'Error' || error.constructor.name === '' ? error.name : error.constructor.name;
}

function stackWithCauses(error: Error): string {
  const stacks = [error.stack ?? `${error.name}: ${error.message}`];
  for (let cause = error.cause; cause instanceof Error && stacks.length <= MAX_CAUSES; cause = cause.cause) {
    stacks.push(`Caused by: ${cause.stack ?? cause.message}`);
  }
  return stacks.join('\n');
}

function describeStack(stack: string): AnyValueMap {
  const [, type, message] = /^([A-Za-z_$][\w$.]*)(?:: (.*))?(?:\n|$)/.exec(stack) ?? [];
  return {
    ...(type === undefined ? {} : { 'exception.type': type }),
    ...(message === undefined ? {} : { 'exception.message': message }),
    'exception.stacktrace': cut(stack),
  };
}

function cut(text: string): string {
  return text.length > MAX_STACK ? `${text.slice(0, MAX_STACK)}…` : text;
}
