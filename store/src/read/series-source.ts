import type { Matcher, ReadContext } from '@signalbox/query/readers';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf, type StoredFile } from '../files/stored-file.js';
import { jsonPointer } from './attribute-condition.js';
import type { Bindings } from './bindings.js';
import { parquet, type ReadParts } from './parts.js';

const NS_PER_MS = 1_000_000n;

/** Relations of samples and of series that may have something between two times, both inclusive. */
export interface SeriesSources {
  readonly samples: readonly string[];
  readonly series: readonly string[];
}

export function seriesSources(parts: ReadParts, context: ReadContext, view: View, startMs: number, endMs: number): SeriesSources {
  const startNs = floorNs(startMs);
  const endNs = floorNs(endMs) + NS_PER_MS - 1n;
  const hot = view.generations.map((generation) => generation.samples);
  const files = view.files.filter((file: StoredFile) => file.kind === 'samples' && holdsTenant(file, context.tenant) && file.maxNs >= startNs && file.minNs <= endNs);
  const paths = files.map((file) => pathsOf(parts.dir, file));
  return {
    samples: [...paths.map(({ data }) => parquet(data)), ...hot.filter(({ table }) => table.rows > 0).map(({ table }) => table.name)],
    series: [...paths.map(({ series }) => parquet(series)), ...hot.filter(({ series }) => series.rows > 0).map(({ series }) => series.name)],
  };
}

/** Bounds may be infinite or have fractions. */
function floorNs(ms: number): bigint {
  if (ms >= Number.MAX_SAFE_INTEGER) return BigInt(Number.MAX_SAFE_INTEGER) * NS_PER_MS;
  return ms <= 0 || Number.isNaN(ms) ? 0n : BigInt(Math.floor(ms)) * NS_PER_MS;
}

/** A statement for the series that match one of the selectors; each once. */
export function matchingSeries(sources: SeriesSources, columns: string, tenant: string, selectors: readonly (readonly Matcher[])[], bindings: Bindings): string {
  const where = `tenant = ${bindings.bind(tenant)} AND series_id IS NOT NULL AND ${selectorsSql(selectors, bindings)}`;
  return sources.series.map((from) => `SELECT ${columns} FROM ${from} WHERE ${where}`).join(' UNION ');
}

function selectorsSql(selectors: readonly (readonly Matcher[])[], bindings: Bindings): string {
  if (selectors.length === 0) return 'true';
  return `(${selectors.map((matchers) => matchers.map((matcher) => matcherSql(matcher, bindings)).join(' AND ') || 'true').join(' OR ')})`;
}

/** A label that is not there is ''. Regular expressions are RE2's, anchored, `.` matches everything. */
function matcherSql({ name, op, value }: Matcher, bindings: Bindings): string {
  const label = name === '__name__' ? 'name' : `coalesce(json_extract_string(labels, ${bindings.bind(jsonPointer(name))}), '')`;
  switch (op) {
    case '=':
      return `${label} = ${bindings.bind(value)}`;
    case '!=':
      return `${label} <> ${bindings.bind(value)}`;
    case '=~':
      return `regexp_full_match(${label}, ${bindings.bind(value)}, 's')`;
    case '!~':
      return `NOT regexp_full_match(${label}, ${bindings.bind(value)}, 's')`;
  }
}

/** Times in whole milliseconds between two bounds, both inclusive. */
export function timeBetween(startMs: number, endMs: number): string {
  const bound = (ms: number): string => String(Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, ms)));
  return `time_ms >= ${bound(Math.ceil(startMs))} AND time_ms <= ${bound(Math.floor(endMs))}`;
}
