import type { AnyValue } from '@signalbox/signals/model/attributes';
import { attribute } from '@signalbox/signals/model/attribute-text';
import type { SpanCondition, StoredSpan } from '../readers.js';
import { anchoredRegexp } from '../regexp/linear.js';
import { kindName, statusName } from './vocabulary.js';

/** What conditions on rootName and rootService look at. */
export interface TraceRoot {
  readonly name: string;
  readonly service: string;
}

export type SpanTest = (stored: StoredSpan, root: TraceRoot) => boolean;

type Test = (value: AnyValue) => boolean;

/**
 * The meaning of SpanCondition, for readers that look at spans one by one. A condition on an attribute that the span
 * does not have, or that has another type, does not hold, whatever its operator. An array holds where one element does.
 * Throws RegexpError.
 */
function spanTest(condition: SpanCondition): SpanTest {
  const test = valueTest(condition);
  const { key } = condition;
  switch (condition.scope) {
    case 'span':
      return ({ span }) => holds(test, attribute(span.attributes, key));
    case 'resource':
      return ({ resource }) => holds(test, attribute(resource.attributes, key));
    case 'any':
      return ({ span, resource }) => holds(test, attribute(span.attributes, key) ?? attribute(resource.attributes, key));
    case 'intrinsic':
      return (stored, root) => holds(test, intrinsicValue(key, stored, root));
  }
}

/** Whether the span meets all conditions. Throws RegexpError. */
export function allOf(conditions: readonly SpanCondition[]): SpanTest {
  const tests = conditions.map(spanTest);
  return (stored, root) => tests.every((test) => test(stored, root));
}

/** The value of an intrinsic; undefined for one that the span has not (no parent) or that does not exist. */
export function intrinsicValue(key: string, { span, scope, service }: StoredSpan, root: TraceRoot): AnyValue | undefined {
  switch (key) {
    case 'name': return span.name;
    case 'kind': return kindName(span.kind);
    case 'status': return statusName(span.status.code);
    case 'statusMessage': return span.status.message;
    case 'duration': return span.endNs - span.startNs;
    case 'service': return service;
    case 'traceId': return span.traceId;
    case 'spanId': return span.spanId;
    case 'parentId': return span.parentSpanId === '' ? undefined : span.parentSpanId;
    case 'rootName': return root.name;
    case 'rootService': return root.service;
    case 'scopeName': return scope.name;
    default: return undefined;
  }
}

function holds(test: Test, value: AnyValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  return Array.isArray(value) ? value.some((element) => test(element as AnyValue)) : test(value);
}

function valueTest({ op, value }: SpanCondition): Test {
  if (op === 'exists') return () => true;
  if (op === '=~' || op === '!~') {
    const matches = anchoredRegexp(String(value));
    return op === '=~' ? (actual) => typeof actual === 'string' && matches(actual) : (actual) => typeof actual === 'string' && !matches(actual);
  }
  if (typeof value === 'string') return (actual) => typeof actual === 'string' && compare(op, actual < value, actual > value);
  if (typeof value === 'boolean') return (actual) => typeof actual === 'boolean' && (op === '=' ? actual === value : op === '!=' && actual !== value);
  if (value === null) return () => false;
  return (actual) => {
    if (typeof actual !== 'number' && typeof actual !== 'bigint') return false;
    if (Number.isNaN(actual) || Number.isNaN(value)) return op === '!=';
    return compare(op, actual < value, actual > value);
  };
}

function compare(op: SpanCondition['op'], less: boolean, greater: boolean): boolean {
  switch (op) {
    case '=': return !less && !greater;
    case '!=': return less || greater;
    case '>': return greater;
    case '>=': return !less;
    case '<': return less;
    case '<=': return !greater;
    default: return false;
  }
}
