import type { Dependency, Operation, ReadContext, TimeRange } from '@signalbox/query/readers';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf, type Kind } from '../files/stored-file.js';
import { namesOf, type TenantNamesJson } from '../hot/names.js';
import { IndexDamaged } from '../index/index-reader.js';
import { Bindings } from './bindings.js';
import { parquet, timeRange, withView, type ReadParts } from './parts.js';

/** Names of everything in range, from hot part and files; a file whose index is damaged is left out and logged. */
export async function namesInRange(parts: ReadParts, context: ReadContext, view: View, kind: Exclude<Kind, 'samples'>, range?: TimeRange): Promise<TenantNamesJson[]> {
  const found = view.generations.flatMap((generation) => generation[kind].names.peek(context.tenant)?.toJson() ?? []);
  for (const file of view.files) {
    if (file.kind !== kind || !holdsTenant(file, context.tenant) || (range && (file.maxNs < range.startNs || file.minNs >= range.endNs))) continue;
    context.signal.throwIfAborted();
    try {
      const names = namesOf(await parts.indexes.names(file), context.tenant);
      if (names) found.push(names);
    } catch (error) {
      if (!(error instanceof IndexDamaged)) throw error;
      parts.logger.warn('an index cannot be used; its names are missing from lists', { file: error.path, problem: error.message });
    }
  }
  return found;
}

export function readServices(parts: ReadParts, context: ReadContext, range?: TimeRange): Promise<readonly string[]> {
  return withView(parts, async (view) => sorted((await namesInRange(parts, context, view, 'spans', range)).flatMap((names) => Object.keys(names.services))));
}

export function readOperations(parts: ReadParts, context: ReadContext, service: string, kind?: number): Promise<readonly Operation[]> {
  return withView(parts, async (view) => {
    const operations = new Map<string, Operation>();
    for (const { services } of await namesInRange(parts, context, view, 'spans')) {
      for (const [name, of] of Object.hasOwn(services, service) ? services[service] : []) if (kind === undefined || of === kind) operations.set(`${of} ${name}`, { name, kind: of });
    }
    return [...operations.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind - b.kind));
  });
}

export function readTagNames(parts: ReadParts, context: ReadContext, range: TimeRange): Promise<{ readonly span: readonly string[]; readonly resource: readonly string[] }> {
  return withView(parts, async (view) => {
    const names = await namesInRange(parts, context, view, 'spans', range);
    return { span: sorted(names.flatMap((of) => Object.keys(of.tags))), resource: sorted(names.flatMap((of) => Object.keys(of.resourceTags))) };
  });
}

export function readDependencies(parts: ReadParts, context: ReadContext, range: TimeRange): Promise<readonly Dependency[]> {
  return withView(parts, async (view) => {
    const bindings = new Bindings();
    const selects = sources(parts, context, view, range, bindings).map((from) => `SELECT trace_id, span_id, parent_span_id, service ${from}`);
    if (selects.length === 0) return [];
    const sql = `WITH spans AS MATERIALIZED (${selects.join(' UNION ALL ')}) SELECT p.service, c.service, count(*) FROM spans c JOIN spans p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id WHERE p.service <> c.service GROUP BY ALL ORDER BY ALL`;
    return parts.database.query(context.signal, sql, bindings.values, (row) => ({ parent: row.text(0), child: row.text(1), callCount: Number(row.bigint(2)) }));
  });
}

/** `FROM … WHERE …` of everything in range. */
export function sources(parts: ReadParts, context: ReadContext, view: View, range: TimeRange, bindings: Bindings): string[] {
  const where = `WHERE tenant = ${bindings.bind(context.tenant)} AND ${timeRange(range)}`;
  return [
    ...view.generations.filter((generation) => generation.spans.table.rows > 0).map((generation) => `FROM (${generation.spans.source}) ${where}`),
    ...view.files
      .filter((file) => file.kind === 'spans' && holdsTenant(file, context.tenant) && file.minNs < range.endNs && file.maxNs >= range.startNs)
      .map((file) => `FROM ${parquet(pathsOf(parts.dir, file).data)} ${where}`),
  ];
}

export function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
