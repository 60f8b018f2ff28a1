import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { SpanCondition } from '@signalbox/query/readers';
import { literal } from '../duckdb/sql.js';
import type { Bindings } from './bindings.js';

/** Longer text is not looked for by a regular expression. */
const MAX_PATTERN = 500;
const ORDERED: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

/**
 * How a condition on an attribute becomes SQL over a column of typed JSON; query's `spans/condition.ts` says what it means: a
 * condition does not hold where the value is missing or of another type, whatever the operator, and of an array one element
 * must fulfil it.
 *
 * Text search comes first, since it is a hundred times cheaper than taking JSON apart: only rows that have the name (or for
 * `=` the name and the value) are looked at closely.
 */
export function attributeCondition(column: string, condition: Pick<SpanCondition, 'key' | 'op' | 'value'>, bindings: Bindings): string {
  const { key, op, value } = condition;
  if (op !== 'exists' && value === null) return 'false';
  if (typeof value === 'boolean' && ORDERED.has(op)) return 'false';
  const found = bindings.bind(jsonPointer(key));
  const test = (json: string, path: string): string => (op === 'exists' || value === null ? `json_type(${json}, ${path}) <> 'NULL'` : typedComparison(json, path, op, value, bindings));
  const inArray = op === 'exists' ? 'true' : `coalesce(${test('element', "'$'")}, false)`;
  const ofArray = `len(list_filter(TRY_CAST(json_extract(${column}, ${found}) AS JSON[]), lambda element: ${inArray})) > 0`;
  const near = op === '=' && value !== null ? equalityHint(column, key, value) : `contains(${column}, ${bindings.bind(namePrefix(key))})`;
  return guarded(near, `CASE WHEN json_type(${column}, ${found}) = 'ARRAY' THEN ${ofArray} ELSE ${test(column, found)} END`);
}

/** Whether the name is followed by the value, in one way or another, or by an array; one pass over the text. */
function equalityHint(column: string, key: string, value: string | number | bigint | boolean): string {
  const prefix = namePrefix(key);
  const fragments = attributeFragments(key, value);
  if (fragments.some((fragment) => fragment.length > MAX_PATTERN)) return `(${[...fragments, `${prefix}[`].map((text) => `contains(${column}, ${literal(text)})`).join(' OR ')})`;
  const values = fragments.map((fragment) => quoteRegexp(fragment.slice(prefix.length)));
  return `regexp_matches(${column}, ${literal(`${quoteRegexp(prefix)}(?:(?:${values.join('|')})[,}]|\\[)`)})`;
}

function quoteRegexp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|\-/]/g, '\\$&');
}

/** Whether a value of the attribute is there. */
export function attributePresent(column: string, key: string, bindings: Bindings): string {
  return guarded(`contains(${column}, ${bindings.bind(namePrefix(key))})`, `json_type(${column}, ${bindings.bind(jsonPointer(key))}) <> 'NULL'`);
}

/** All ways in which an attribute that equals the value may be written. */
export function attributeFragments(key: string, value: string | number | bigint | boolean): string[] {
  const fragment = (of: string | number | bigint | boolean): string => attributesToJson([{ key, value: of }]).slice(1, -1);
  if (typeof value === 'string' || typeof value === 'boolean') return [fragment(value)];
  const fragments = new Set<string>();
  const double = Number(value);
  if (typeof value === 'bigint' || Number.isInteger(value)) fragments.add(fragment(BigInt(value)));
  if (typeof value === 'number' || BigInt(double) === value) fragments.add(fragment(double));
  if (double === 0) fragments.add(fragment(-0)).add(fragment(0));
  return [...fragments];
}

export function jsonPointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** How the attribute begins in the column. */
function namePrefix(key: string): string {
  return attributesToJson([{ key, value: null }]).slice(1, -'null}'.length);
}

/** SQL's AND may look at both sides in any order; CASE does not. */
function guarded(cheap: string, exact: string): string {
  return `(CASE WHEN ${cheap} THEN coalesce(${exact}, false) ELSE false END)`;
}

/** Of the value at a path in JSON. */
function typedComparison(json: string, path: string, op: SpanCondition['op'], value: string | number | bigint | boolean, bindings: Bindings): string {
  const type = `json_type(${json}, ${path})`;
  const text = `json_extract_string(${json}, ${path})`;
  if (op === '=~' || op === '!~') return `${type} = 'VARCHAR' AND ${textComparison(text, op, String(value), bindings)}`;
  switch (typeof value) {
    case 'string':
      return `${type} = 'VARCHAR' AND ${textComparison(text, op, value, bindings)}`;
    case 'boolean':
      return `${type} = 'BOOLEAN' AND ${text} ${sqlOperator(op)} '${value}'`;
    default: {
      const asInteger = numberComparison(`TRY_CAST(${text} AS HUGEINT)`, op, value, bindings);
      const asDouble = numberComparison(`TRY_CAST(${text} AS DOUBLE)`, op, Number(value), bindings);
      // NaN and the infinities.
      const special = `json_extract_string(json_extract(${json}, ${path}), '$.doubleValue')`;
      const asSpecial = `CASE ${special} WHEN 'NaN' THEN ${op === '!='} ELSE ${numberComparison(`TRY_CAST(${special} AS DOUBLE)`, op, Number(value), bindings)} END`;
      return `CASE ${type} WHEN 'UBIGINT' THEN ${asInteger} WHEN 'BIGINT' THEN ${asInteger} WHEN 'DOUBLE' THEN ${asDouble} WHEN 'OBJECT' THEN ${asSpecial} ELSE false END`;
    }
  }
}

/** Compares a text column or expression. Regular expressions are RE2's, anchored, `.` matches everything. */
export function textComparison(text: string, op: SpanCondition['op'], value: string, bindings: Bindings): string {
  if (op === '=~') return `regexp_full_match(${text}, ${bindings.bind(value)}, 's')`;
  if (op === '!~') return `NOT regexp_full_match(${text}, ${bindings.bind(value)}, 's')`;
  return `${text} ${sqlOperator(op)} ${bindings.bind(value)}`;
}

/** Compares a numeric expression; whole numbers are compared exactly. */
export function numberComparison(expression: string, op: SpanCondition['op'], value: number | bigint, bindings: Bindings): string {
  if (op === '=~' || op === '!~') return 'false';
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return `${expression} ${sqlOperator(op)} CAST(${bindings.bind(String(value))} AS HUGEINT)`;
  if (Number.isNaN(value)) return op === '!=' ? `${expression} IS NOT NULL` : 'false';
  return `${expression} ${sqlOperator(op)} CAST(${bindings.bind(String(value))} AS DOUBLE)`;
}

function sqlOperator(op: SpanCondition['op']): string {
  return op === '!=' ? '<>' : op;
}
