import { field, listOf, textOf } from '../../api/json.js';
import type { Json } from '../../api/json.js';

/** What stands for "all of them" among a variable's values, as in Grafana's addresses. */
export const ALL = '$__all';

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly source:
    | { readonly kind: 'values'; readonly match: string; readonly label: string; readonly regex: string; readonly descending: boolean }
    | { readonly kind: 'fixed'; readonly values: readonly string[] }
    /** Cannot be filled; `fault` says why. */
    | { readonly kind: 'none'; readonly fault: string };
  readonly multi: boolean;
  readonly includeAll: boolean;
  /** Goes into the query as it is when all are chosen; empty: all values, joined. */
  readonly allValue: string;
  readonly current: readonly string[];
  readonly hidden: boolean;
}

/** The chosen values of each variable, and all that it could have. */
export interface Choice {
  readonly variable: Variable;
  readonly chosen: readonly string[];
  readonly options: readonly string[];
}

/** One of `templating.list`; null for what chooses a data source, since the console has its own. */
export function readVariable(json: Json): Variable | null {
  const type = textOf(field(json, 'type'));
  if (type === 'datasource') return null;
  const name = textOf(field(json, 'name'));
  const current = field(json, 'current', 'value');
  return {
    name,
    label: textOf(field(json, 'label')) || name,
    source: readSource(type, json),
    multi: field(json, 'multi') === true,
    includeAll: field(json, 'includeAll') === true,
    allValue: textOf(field(json, 'allValue')),
    current: (Array.isArray(current) ? listOf(current) : current === undefined ? [] : [current]).map((value) => textOf(value)).filter((value) => value !== ''),
    hidden: field(json, 'hide') === 2 || type === 'constant',
  };
}

function readSource(type: string, json: Json): Variable['source'] {
  const query = textOf(field(json, 'query')) || textOf(field(json, 'query', 'query'));
  if (type === 'constant' || type === 'textbox') return { kind: 'fixed', values: [query] };
  if (type === 'custom' || type === 'interval') return { kind: 'fixed', values: query.split(',').map((value) => value.trim()).filter((value) => value !== '') };
  if (type !== 'query') return { kind: 'none', fault: `variables of the type “${type}” are not filled` };
  const call = parseLabelValues(query);
  if (call === null) return { kind: 'none', fault: `of the variable queries label_values(…) alone is understood, not “${query}”` };
  return { kind: 'values', ...call, regex: textOf(field(json, 'regex')), descending: field(json, 'sort') === 2 };
}

/** `label_values(label)` and `label_values(selector, label)`. */
export function parseLabelValues(query: string): { readonly match: string; readonly label: string } | null {
  const inner = /^\s*label_values\s*\((.*)\)\s*$/s.exec(query)?.[1];
  if (inner === undefined) return null;
  const comma = inner.lastIndexOf(',');
  // A comma within the braces of a selector separates matchers.
  const split = comma >= 0 && inner.indexOf('}', comma) < 0;
  const label = (split ? inner.slice(comma + 1) : inner).trim();
  const match = split ? inner.slice(0, comma).trim() : '';
  return /^[\p{L}_][\p{L}\p{N}_.:]*$/u.test(label) ? { match, label } : null;
}

/** Values as the picker offers them: filtered by Grafana's `/regex/`, sorted, each once. */
export function offeredValues(values: readonly string[], regex: string, descending: boolean): readonly string[] {
  const parts = /^\/(.*)\/([a-z]*)$/s.exec(regex);
  let kept = values;
  if (regex !== '') {
    try {
      const pattern = new RegExp(parts?.[1] ?? `^${regex}$`, (parts?.[2] ?? '').replace('g', ''));
      kept = values.flatMap((value) => {
        const match = pattern.exec(value);
        return match === null ? [] : [match.groups?.['value'] ?? match[1] ?? value];
      });
    } catch {
      kept = values;
    }
  }
  const sorted = [...new Set(kept)].sort((a, b) => a.localeCompare(b));
  return descending ? sorted.reverse() : sorted;
}

/** What is chosen: what the address says, else what the dashboard says, as far as there is such a value, else all or the first. */
export function chosenValues(variable: Variable, fromAddress: readonly string[], options: readonly string[]): readonly string[] {
  const wanted = fromAddress.length > 0 ? fromAddress : variable.current;
  if (variable.includeAll && wanted.includes(ALL)) return [ALL];
  const known = wanted.filter((value) => options.includes(value) || fromAddress.includes(value));
  const taken = variable.multi ? known : known.slice(0, 1);
  if (taken.length > 0) return taken;
  return variable.includeAll ? [ALL] : options.slice(0, 1);
}
