import type { Fields, Value } from '../entry.js';
import type { LineParser } from '../formats.js';
import { compileRegexp } from '../regexp.js';

/** Control sequences of terminals (ECMA-48, 5.4): colours, above all. */
const ANSI = '\\x1b\\[[0-?]*[ -/]*[@-~]';

/** One record of separated values; quotes are doubled within quotes (RFC 4180). Null where there are not as many as the header names. */
export function csvParser(header: string, delimiter: string, ignoreQuotes: boolean): LineParser {
  const names = header.split(delimiter).map((name) => name.trim());
  return (line) => {
    const values = ignoreQuotes ? line.split(delimiter) : separated(line, delimiter);
    if (values === null || values.length !== names.length) return null;
    const fields: Fields = new Map();
    names.forEach((name, i) => fields.set(name, values[i]!));
    return fields;
  };
}

function separated(line: string, delimiter: string): string[] | null {
  const values: string[] = [];
  for (let at = 0; ;) {
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at);
      values.push(line.slice(at, end < 0 ? line.length : end));
      if (end < 0) return values;
      at = end + 1;
      continue;
    }
    let value = '';
    let quote = line.indexOf('"', at + 1);
    for (at++; quote >= 0 && line[quote + 1] === '"'; quote = line.indexOf('"', at)) {
      value += line.slice(at, quote + 1);
      at = quote + 2;
    }
    if (quote < 0) return null;
    values.push(value + line.slice(at, quote));
    if (quote + 1 === line.length) return values;
    if (line[quote + 1] !== delimiter) return null;
    at = quote + 2;
  }
}

/** Parts of a URL, absolute or a path alone, under the Collector's names. */
export const parseUri: LineParser = (text) => {
  const isPath = text.startsWith('/') || text.startsWith('?');
  if (text === '' || !URL.canParse(text, isPath ? 'http://none' : undefined)) return null;
  const url = new URL(text, isPath ? 'http://none' : undefined);
  const fields: Fields = new Map();
  const set = (key: string, value: Value): void => void (value === '' || fields.set(key, value));
  if (!isPath) {
    set('scheme', url.protocol.slice(0, -1));
    set('user', decodeURIComponentOr(url.username));
    set('host', url.hostname);
    set('port', url.port);
  }
  set('path', url.pathname);
  const query = new Map<string, Value>();
  for (const key of new Set(url.searchParams.keys())) query.set(key, url.searchParams.getAll(key));
  if (query.size > 0) fields.set('query', query);
  return fields;
};

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws Error with RE2's words */
export function replacer({ regex, replace_with: replacement }: { readonly regex?: string | undefined; readonly replace_with: string }): (value: Value) => Value {
  const compiled = compileRegexp(regex ?? ANSI);
  return (value) => (typeof value === 'string' ? compiled.matcher(value).replaceAll(replacement) : null);
}

/** A text in quotes as Go writes it, without them. */
export function unquoted(value: Value): Value {
  if (typeof value !== 'string' || value.length < 2) return null;
  if (value.startsWith('`') && value.endsWith('`')) return value.slice(1, -1);
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}
