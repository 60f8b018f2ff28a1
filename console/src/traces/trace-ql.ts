import { parseDuration } from '../time/duration.js';
import type { TraceSearch } from './search.js';
import { TagError, parseTags } from './tags.js';
import type { Tag } from './tags.js';

export type FormField = 'tags' | 'min' | 'max';

export type Translated = { readonly query: string } | { readonly faults: Partial<Record<FormField, string>> };

/** The search as TraceQL. All conditions hold for the same span. Or what is wrong with the fields of the form. */
export function toTraceQl(search: TraceSearch): Translated {
  const faults: Partial<Record<FormField, string>> = {};
  const conditions: string[] = [];
  if (search.service !== '') conditions.push(`resource.service.name = ${quote(search.service)}`);
  if (search.operation !== '') conditions.push(`name = ${quote(search.operation)}`);
  if (search.errors) conditions.push('status = error');
  const minNs = durationOf(search.min, 'min', faults);
  const maxNs = durationOf(search.max, 'max', faults);
  if (minNs !== null) conditions.push(`duration >= ${traceQlDuration(minNs)}`);
  if (maxNs !== null) conditions.push(`duration <= ${traceQlDuration(maxNs)}`);
  if (minNs !== null && maxNs !== null && minNs > maxNs) faults.max = 'Longest is shorter than shortest.';
  try {
    conditions.push(...parseTags(search.tags).map(tagCondition));
  } catch (error) {
    if (!(error instanceof TagError)) throw error;
    faults.tags = error.message;
  }
  return Object.keys(faults).length > 0 ? { faults } : { query: conditions.length === 0 ? '{}' : `{ ${conditions.join(' && ')} }` };
}

function durationOf(text: string, name: 'min' | 'max', faults: Partial<Record<FormField, string>>): number | null {
  if (text.trim() === '') return null;
  const ns = parseDuration(text);
  if (ns === null) faults[name] = 'Write a number and a unit, such as 100ms, 1.5s or 2m.';
  return ns;
}

const traceQlDuration = (ns: number): string => `${Math.round(ns)}ns`;

/** Names that people know from other trace viewers. */
const intrinsics: Readonly<Record<string, string>> = { 'span.kind': 'kind', kind: 'kind', status: 'status', name: 'name', duration: 'duration' };
const kinds = new Set(['unspecified', 'internal', 'client', 'server', 'producer', 'consumer']);
const statuses = new Set(['error', 'ok', 'unset']);

function tagCondition({ key, op, value, quoted }: Tag): string {
  const intrinsic = intrinsics[key];
  const equality = op === '=' || op === '!=';
  if (intrinsic === 'kind' && equality && kinds.has(value)) return `kind ${op} ${value}`;
  if (intrinsic === 'status' && equality && statuses.has(value)) return `status ${op} ${value}`;
  if (intrinsic === 'duration' && parseDuration(value) !== null) return `duration ${op} ${traceQlDuration(parseDuration(value) ?? 0)}`;
  if (intrinsic === 'name') return `name ${op} ${quote(value)}`;
  if (key === 'error' && value === 'true' && equality) return `status ${op} error`;
  const name = fieldName(key);
  const literal = !quoted && op !== '=~' && op !== '!~' && /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(value);
  if (!literal) return `${name} ${op} ${quote(value)}`;
  // The type is the sender's choice: what looks like a number may have been sent as text.
  if (op === '=') return `(${name} = ${value} || ${name} = ${quote(value)})`;
  return op === '!=' ? `${name} != ${value} && ${name} != ${quote(value)}` : `${name} ${op} ${value}`;
}

/** `span.` and `resource.` name where an attribute stands; any other name is looked for in both. */
function fieldName(key: string): string {
  const scoped = /^(span|resource)\.(.+)$/s.exec(key);
  const scope = scoped?.[1] ?? '';
  const name = scoped?.[2] ?? key;
  return /^[\p{L}_][\p{L}\p{N}_.\-:/]*$/u.test(name) ? `${scope}.${name}` : `${scope}.${quote(name)}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}
