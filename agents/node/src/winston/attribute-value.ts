import type { AnyValue, AnyValueMap } from '@opentelemetry/api-logs';

const MAX_DEPTH = 8;
const MAX_VALUES = 1_000;
const OMITTED = '…';

/**
 * What an application logged, as the value of an attribute: what JSON would show, except that bytes, dates, errors,
 * maps and sets keep their content, cycles end, and depth and number of values are bounded. Undefined where there is
 * nothing to show (functions, symbols). Never throws, whatever getters and toJSON do.
 */
export function attributeValue(value: unknown): AnyValue | undefined {
  return convert(value, { left: MAX_VALUES, path: [] });
}

interface Walk {
  /** Values that may still be written. */
  left: number;
  /** The objects that this value is in. */
  readonly path: object[];
}

function convert(value: unknown, walk: Walk): AnyValue | undefined {
  walk.left -= 1;
  if (walk.left < 0) return OMITTED;
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'object':
      return value === null ? null : convertObject(value, walk);
    default:
      return undefined;
  }
}

function convertObject(value: object, walk: Walk): AnyValue | undefined {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (walk.path.includes(value)) return '[Circular]';
  if (walk.path.length >= MAX_DEPTH) return OMITTED;
  walk.path.push(value);
  const converted = convertContent(value, walk);
  walk.path.pop();
  return converted;
}

function convertContent(value: object, walk: Walk): AnyValue | undefined {
  try {
    if (value instanceof Error) return errorMap(value, walk);
    if (Array.isArray(value)) return list(value, walk);
    if (value instanceof Set) return list([...value], walk);
    if (value instanceof Map) return map([...value].map(([key, content]) => [String(key), content]), walk);
    if ('toJSON' in value && typeof value.toJSON === 'function') return convert(value.toJSON(), walk);
    return map(entriesOf(value), walk);
  } catch {
    return OMITTED;
  }
}

function errorMap(error: Error, walk: Walk): AnyValueMap {
  const known: AnyValueMap = { type: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
  const cause = error.cause === undefined ? undefined : convert(error.cause, walk);
  return { ...map(entriesOf(error), walk), ...known, ...(cause === undefined ? {} : { cause }) };
}

function list(values: readonly unknown[], walk: Walk): AnyValue[] {
  const converted: AnyValue[] = [];
  for (const value of values) {
    if (walk.left <= 0) {
      converted.push(OMITTED);
      break;
    }
    converted.push(convert(value, walk) ?? null);
  }
  return converted;
}

function map(entries: readonly (readonly [string, unknown])[], walk: Walk): AnyValueMap {
  const converted: AnyValueMap = {};
  for (const [key, value] of entries) {
    if (walk.left <= 0) {
      converted[OMITTED] = OMITTED;
      break;
    }
    const content = convert(value, walk);
    if (content !== undefined) converted[key] = content;
  }
  return converted;
}

function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.keys(value).map((key) => [key, read(value, key)]);
}

function read(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return OMITTED;
  }
}
