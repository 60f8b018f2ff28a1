import type { SpanCondition } from '@signalbox/query/readers';
import { equalTerms, hashText, serviceSeeds, traceTerm, type ServiceSeeds } from '../index/hash.js';
import { attributeCondition, attributePresent, numberComparison, textComparison } from './attribute-condition.js';
import type { Bindings } from './bindings.js';
import type { BlockSearch } from './candidates.js';

/** Terms one of which a block must have; a block that lacks all of them holds no match. */
type Clause = (seeds: ServiceSeeds) => readonly number[];

/** The conditions of a search, taken apart. */
export interface CompiledConditions {
  /** SQL over a span's columns; binds its values anew each time. */
  readonly sql: (bindings: Bindings) => string;
  /** What the index can say, given the names of a file. */
  readonly groups: (tenant: string) => BlockSearch['groups'];
  /** On the trace's root span, to be checked when the trace is known. */
  readonly root: readonly SpanCondition[];
}

const ROOT_KEYS = new Set(['rootName', 'rootService']);
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];
const ERROR = 2;
/** With more services than this in a file, asking the index for each of them costs more than it saves. */
const MAX_SERVICES_ASKED = 200;

export function compileConditions(conditions: readonly SpanCondition[]): CompiledConditions {
  const root = conditions.filter((condition) => condition.scope === 'intrinsic' && ROOT_KEYS.has(condition.key));
  const onSpan = conditions.filter((condition) => !root.includes(condition));
  const clauses = onSpan.flatMap((condition) => clauseOf(condition) ?? []);
  return {
    sql: (bindings) => onSpan.map((condition) => conditionSql(condition, bindings)).join(' AND ') || 'true',
    groups: (tenant) => groupsOf(tenant, clauses, onSpan.flatMap(serviceOf)[0] ?? null),
    root,
  };
}

/** The service that a condition demands. A resource's `service.name` is its spans' service. */
function serviceOf({ scope, key, op, value }: SpanCondition): string[] {
  const isService = (scope === 'intrinsic' && key === 'service') || (scope === 'resource' && key === 'service.name' && value !== '');
  return isService && op === '=' && typeof value === 'string' ? [value] : [];
}

function groupsOf(tenant: string, clauses: readonly Clause[], service: string | null): BlockSearch['groups'] {
  return async (names) => {
    if (clauses.length === 0) return 'all';
    const services = service === null ? Object.keys((await names())?.services ?? {}) : [service];
    if (services.length > MAX_SERVICES_ASKED) return 'all';
    return services.map((name) => {
      const seeds = serviceSeeds(tenant, name);
      return clauses.map((clause) => clause(seeds));
    });
  };
}

/** Whether a root span satisfies the conditions on the root. */
export function rootMatches(conditions: readonly SpanCondition[], root: { readonly name: string; readonly service: string }, matches: (text: string, pattern: string) => boolean): boolean {
  return conditions.every(({ key, op, value }) => {
    const actual = key === 'rootName' ? root.name : root.service;
    if (op === 'exists') return true;
    if (op === '=~' || op === '!~') return value !== null && matches(actual, String(value)) === (op === '=~');
    if (typeof value !== 'string') return false;
    switch (op) {
      case '=': return actual === value;
      case '!=': return actual !== value;
      case '<': return actual < value;
      case '<=': return actual <= value;
      case '>': return actual > value;
      case '>=': return actual >= value;
    }
  });
}

function conditionSql(condition: SpanCondition, bindings: Bindings): string {
  switch (condition.scope) {
    case 'span':
      return attributeCondition('attributes', condition, bindings);
    case 'resource':
      return attributeCondition('resource', condition, bindings);
    case 'any':
      // An attribute of the span hides one of the resource.
      return `(CASE WHEN ${attributePresent('attributes', condition.key, bindings)} THEN ${attributeCondition('attributes', condition, bindings)} ELSE ${attributeCondition('resource', condition, bindings)} END)`;
    case 'intrinsic':
      return intrinsicSql(condition, bindings);
  }
}

function intrinsicSql({ key, op, value }: SpanCondition, bindings: Bindings): string {
  switch (key) {
    case 'name':
    case 'service':
      return textSql(key, op, value, bindings);
    case 'statusMessage':
      return textSql(`coalesce(status_message, '')`, op, value, bindings);
    case 'scopeName':
      return textSql(`coalesce(scope_name, '')`, op, value, bindings);
    case 'kind':
      return enumSql('kind', KINDS, op, value, bindings);
    case 'status':
      return enumSql('status_code', STATUSES, op, value, bindings);
    case 'duration':
      if (op === 'exists') return 'true';
      return typeof value === 'number' || typeof value === 'bigint' ? numberComparison('(CAST(end_ns AS HUGEINT) - start_ns)', op, value, bindings) : 'false';
    case 'traceId':
      return textSql(`replace(CAST(trace_id AS VARCHAR), '-', '')`, op, value, bindings);
    case 'spanId':
      return textSql(`printf('%016x', span_id)`, op, value, bindings);
    case 'parentId':
      return `(parent_span_id IS NOT NULL AND ${textSql(`printf('%016x', parent_span_id)`, op, value, bindings)})`;
    default:
      return 'false';
  }
}

function textSql(column: string, op: SpanCondition['op'], value: SpanCondition['value'], bindings: Bindings): string {
  if (op === 'exists') return 'true';
  if (value === null) return 'false';
  if (op === '=~' || op === '!~') return textComparison(column, op, String(value), bindings);
  return typeof value === 'string' ? textComparison(column, op, value, bindings) : 'false';
}

/** Numbers that have no name are called by the first one. */
function enumSql(column: string, names: readonly string[], op: SpanCondition['op'], value: SpanCondition['value'], bindings: Bindings): string {
  const code = typeof value === 'string' ? names.indexOf(value) : -1;
  if (op === '=' && code > 0) return `${column} = ${code}`;
  return textSql(`(CASE ${column} ${names.map((text, i) => `WHEN ${i} THEN '${text}'`).join(' ')} ELSE '${names[0]}' END)`, op, value, bindings);
}

function clauseOf({ scope, key, op, value }: SpanCondition): Clause | null {
  if (op !== '=' || value === null) return null;
  if (scope !== 'intrinsic') {
    return (seeds) => [
      ...(scope === 'resource' ? [] : equalTerms(seeds.attribute, key, value)),
      ...(scope === 'span' ? [] : equalTerms(seeds.resource, key, value)),
    ];
  }
  if (key === 'service') return (seeds) => [seeds.service];
  if (key === 'name' && typeof value === 'string') return (seeds) => [hashText(seeds.name, value)];
  if (key === 'status' && value === 'error') return (seeds) => [hashText(seeds.status, String(ERROR))];
  if (key === 'traceId' && typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)) {
    const term = traceTerm(value);
    return () => [term];
  }
  return null;
}
