import type { ReadContext, SpanCondition, TimeRange } from '@signalbox/query/readers';
import { attributesFromJson } from '@signalbox/signals/model/attribute-text';
import type { Row } from '../duckdb/database.js';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf } from '../files/stored-file.js';
import { namesOf, type TenantNamesJson } from '../hot/names.js';
import { attributePresent, jsonPointer } from './attribute-condition.js';
import { Bindings } from './bindings.js';
import { askIndex, parquet, timeRange, withView, type ReadParts } from './parts.js';
import { namesInRange, readServices, sorted, sources } from './tags.js';

export interface TagValue {
  readonly type: 'string' | 'int' | 'float' | 'bool' | 'keyword' | 'duration';
  readonly value: string;
}

const KIND_NAMES = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
/** Files that are looked through in one statement. */
const FILES_PER_SCAN = 4;

/**
 * Values of an attribute. Of attributes with few values the names beside each file have all of them; only for others rows are looked
 * through, the newest first, until there are as many values as wanted.
 */
export async function readTagValues(parts: ReadParts, context: ReadContext, scope: SpanCondition['scope'], key: string, range: TimeRange, limit: number): Promise<readonly TagValue[]> {
  if (limit <= 0) return [];
  if (scope === 'intrinsic') return intrinsicValues(parts, context, key, range, limit);
  return withView(parts, async (view) => {
    const values = new Map<string, TagValue>();
    const unlisted: string[] = [];
    for (const { names, from } of await namedSources(parts, context, view, range)) {
      const listed = names === null ? null : listedValues(names, scope, key);
      if (listed === null) unlisted.push(from);
      else for (const json of listed) addValue(values, ofJson(json));
    }
    for (let i = 0; i < unlisted.length && values.size < limit; i += FILES_PER_SCAN) {
      for (const value of await scan(parts, context, unlisted.slice(i, i + FILES_PER_SCAN), scope, key, range, limit)) addValue(values, value);
    }
    return [...values.values()].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0)).slice(0, limit);
  });
}

function addValue(values: Map<string, TagValue>, value: TagValue): void {
  values.set(`${value.type} ${value.value}`, value);
}

/** Everything in range, the newest first, with its names; null where an index is damaged. */
async function namedSources(parts: ReadParts, context: ReadContext, view: View, range: TimeRange): Promise<{ readonly names: TenantNamesJson | null; readonly from: string }[]> {
  const found: { names: TenantNamesJson | null; from: string }[] = [];
  for (const { spans } of view.generations) {
    const names = spans.names.peek(context.tenant)?.toJson();
    if (names) found.push({ names, from: `(${spans.source})` });
  }
  const files = view.files
    .filter((file) => file.kind === 'spans' && holdsTenant(file, context.tenant) && file.maxNs >= range.startNs && file.minNs < range.endNs)
    .sort((a, b) => (a.maxNs > b.maxNs ? -1 : 1));
  for (const file of files) {
    context.signal.throwIfAborted();
    const from = parquet(pathsOf(parts.dir, file).data);
    const names = await askIndex(parts, file, async () => namesOf(await parts.indexes.names(file), context.tenant) ?? 'none');
    if (names !== 'none') found.push({ names, from });
  }
  return found;
}

/** All values as typed JSON; null where there is no complete list. */
function listedValues(names: TenantNamesJson, scope: SpanCondition['scope'], key: string): readonly string[] | null {
  const listed: string[] = [];
  for (const tags of scope === 'span' ? [names.tags] : scope === 'resource' ? [names.resourceTags] : [names.tags, names.resourceTags]) {
    const values = Object.hasOwn(tags, key) ? tags[key] : names.truncated ? null : [];
    if (values === null) return null;
    listed.push(...values);
  }
  return listed;
}

async function scan(parts: ReadParts, context: ReadContext, from: readonly string[], scope: SpanCondition['scope'], key: string, range: TimeRange, limit: number): Promise<TagValue[]> {
  const bindings = new Bindings();
  const columns = scope === 'span' ? ['attributes'] : scope === 'resource' ? ['resource'] : ['attributes', 'resource'];
  const selects = columns.flatMap((column) => from.map((relation) => {
    const path = bindings.bind(jsonPointer(key));
    const rows = `SELECT ${column} FROM ${relation} WHERE tenant = ${bindings.bind(context.tenant)} AND ${timeRange(range)} AND ${attributePresent(column, key, bindings)}`;
    return `SELECT DISTINCT json_type(${column}, ${path}) AS type, json_extract_string(${column}, ${path}) AS value FROM (${rows})`;
  }));
  return parts.database.query(context.signal, `SELECT DISTINCT type, value FROM (${selects.join(' UNION ALL ')}) WHERE type NOT IN ('ARRAY', 'OBJECT', 'NULL') LIMIT ${Math.floor(limit)}`, bindings.values, ofRow);
}

async function intrinsicValues(parts: ReadParts, context: ReadContext, key: string, range: TimeRange, limit: number): Promise<readonly TagValue[]> {
  const list = (type: TagValue['type'], values: readonly string[]): TagValue[] => values.slice(0, limit).map((value) => ({ type, value }));
  switch (key) {
    case 'status':
      return list('keyword', ['error', 'ok', 'unset']);
    case 'kind':
      return list('keyword', sorted(KIND_NAMES));
    case 'service':
    case 'rootService':
      return list('string', await readServices(parts, context, range));
    case 'name':
    case 'rootName':
      return withView(parts, async (view) => list('string', sorted((await namesInRange(parts, context, view, 'spans', range)).flatMap((names) => Object.values(names.services).flatMap((operations) => operations.map(([name]) => name))))));
    case 'scopeName':
    case 'statusMessage': {
      const column = key === 'scopeName' ? 'scope_name' : 'status_message';
      const bindings = new Bindings();
      return withView(parts, async (view) => {
        const selects = sources(parts, context, view, range, bindings).map((from) => `SELECT ${column} AS value ${from} AND ${column} IS NOT NULL`);
        if (selects.length === 0) return [];
        const values = await parts.database.query(context.signal, `SELECT DISTINCT value FROM (${selects.join(' UNION ALL ')}) ORDER BY value LIMIT ${Math.floor(limit)}`, bindings.values, (row) => row.text(0));
        return list('string', sorted(values));
      });
    }
    default:
      return [];
  }
}

function ofJson(json: string): TagValue {
  const [{ value }] = attributesFromJson(`{"v":${json}}`);
  switch (typeof value) {
    case 'bigint':
      return { type: 'int', value: String(value) };
    case 'number':
      return { type: 'float', value: String(value) };
    case 'boolean':
      return { type: 'bool', value: String(value) };
    default:
      return { type: 'string', value: String(value) };
  }
}

function ofRow(row: Row): TagValue {
  const value = row.text(1);
  switch (row.text(0)) {
    case 'UBIGINT':
    case 'BIGINT':
      return { type: 'int', value };
    case 'DOUBLE':
      return { type: 'float', value: String(Number(value)) };
    case 'BOOLEAN':
      return { type: 'bool', value };
    default:
      return { type: 'string', value };
  }
}
