import duckdb from '@duckdb/node-bindings';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { LimitExceeded, type ExemplarSeries, type Matcher, type MetricMetadata, type ReadContext, type Series, type SeriesReader, type SeriesSelect } from '@signalbox/query/readers';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { labelsFromJson } from '../tables/histogram-json.js';
import { Turn } from '../duckdb/turn.js';
import { SPECIAL } from '../tables/samples.js';
import { jsonPointer } from './attribute-condition.js';
import { Bindings } from './bindings.js';
import { withView, type ReadParts } from './parts.js';
import { SampleColumns } from './sample-columns.js';
import { matchingSeries, seriesSources, timeBetween, type SeriesSources } from './series-source.js';

/** With more series than this, the samples' ids are not listed in the statement. */
const MAX_IDS_LISTED = 2000;

/** Metrics of the embedded store. Which series have samples in a time range is known per file. */
export class StoreSeriesReader implements SeriesReader {
  constructor(private readonly parts: ReadParts) {}

  select(context: ReadContext, { startMs, endMs, matchers, maxSeries, maxSamples }: SeriesSelect): Promise<readonly Series[]> {
    return withView(this.parts, async (view) => {
      const sources = seriesSources(this.parts, context, view, startMs, endMs);
      const labels = await this.matching(context, sources, [matchers], maxSeries + 1);
      if (labels.size > maxSeries) throw new LimitExceeded('series', maxSeries, 'query.metrics.maxSeries');
      if (labels.size === 0 || sources.samples.length === 0) return [];
      const columns = new Map<bigint, SampleColumns>();
      const where = `exemplar IS NULL AND ${timeBetween(startMs, endMs)} AND ${idsSql([...labels.keys()])}`;
      const sql = sources.samples.map((from) => `SELECT series_id, time_ms, value, special, histogram FROM ${from} WHERE ${where}`).join(' UNION ALL ');
      let samples = 0;
      await this.parts.database.chunks(context.signal, sql, [], (chunk) => {
        samples += takeSamples(chunk, labels, columns);
        if (samples > maxSamples) throw new LimitExceeded('samples', maxSamples, 'query.metrics.maxSamples');
        return true;
      });
      return finishAll(columns, labels);
    });
  }

  series(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number, limit: number): Promise<readonly Labels[]> {
    return withView(this.parts, async (view) => {
      const found = await this.matching(context, seriesSources(this.parts, context, view, startMs, endMs), selectors, limit);
      return [...found.values()].sort(compareLabels);
    });
  }

  labelNames(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<readonly string[]> {
    return this.distinct(context, selectors, startMs, endMs, () => 'unnest(json_keys(labels))');
  }

  labelValues(context: ReadContext, name: string, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<readonly string[]> {
    return this.distinct(context, selectors, startMs, endMs, (bindings) => (name === '__name__' ? 'name' : `json_extract_string(labels, ${bindings.bind(jsonPointer(name))})`));
  }

  metadata(context: ReadContext): Promise<readonly MetricMetadata[]> {
    return withView(this.parts, async (view) => {
      const { series } = seriesSources(this.parts, context, view, -Infinity, Infinity);
      if (series.length === 0) return [];
      const sql = series.map((from) => `SELECT name, type, help, unit FROM ${from} WHERE series_id IS NULL AND tenant = $1`).join(' UNION ');
      return this.parts.database.query(context.signal, `SELECT * FROM (${sql}) ORDER BY ALL`, [context.tenant], (row) => ({
        name: row.text(0), type: row.text(1) as MetricMetadata['type'], help: row.text(2), unit: row.text(3),
      }));
    });
  }

  exemplars(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<readonly ExemplarSeries[]> {
    return withView(this.parts, async (view) => {
      const sources = seriesSources(this.parts, context, view, startMs, endMs);
      const labels = await this.matching(context, sources, selectors, Infinity);
      if (labels.size === 0 || sources.samples.length === 0) return [];
      const bySeries = new Map<bigint, ExemplarSeries['exemplars'][number][]>();
      const selects = sources.samples.map((from) => `SELECT series_id, time_ms, value, special, exemplar FROM ${from} WHERE exemplar IS NOT NULL AND ${timeBetween(startMs, endMs)} AND ${idsSql([...labels.keys()])}`);
      await this.parts.database.query(context.signal, `SELECT DISTINCT * FROM (${selects.join(' UNION ALL ')}) ORDER BY series_id, time_ms`, [], (row) => {
        const id = row.bigint(0);
        if (!labels.has(id)) return null;
        const value = row.number(3) === SPECIAL.negativeZero ? -0 : row.number(2);
        const list = bySeries.get(id) ?? [];
        bySeries.set(id, list);
        list.push({ labels: labelsFromJson(row.text(4)), value, timeMs: Number(row.bigint(1)) });
        return null;
      });
      return [...bySeries].map(([id, exemplars]) => ({ labels: labels.get(id) ?? [], exemplars })).sort((a, b) => compareLabels(a.labels, b.labels));
    });
  }

  /** Labels of matching series by id, up to `limit` of them. */
  private async matching(context: ReadContext, sources: SeriesSources, selectors: readonly (readonly Matcher[])[], limit: number): Promise<Map<bigint, Labels>> {
    const found = new Map<bigint, Labels>();
    if (sources.series.length === 0 || limit <= 0) return found;
    const bindings = new Bindings();
    const sql = matchingSeries(sources, 'series_id, labels', context.tenant, selectors, bindings);
    const atMost = Number.isFinite(limit) ? ` LIMIT ${Math.floor(limit)}` : '';
    await this.parts.database.query(context.signal, `SELECT * FROM (${sql})${atMost}`, bindings.values, (row) => {
      found.set(row.bigint(0), labelsFromJson(row.text(1)));
      return null;
    });
    return found;
  }

  private distinct(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number, expression: (bindings: Bindings) => string): Promise<readonly string[]> {
    return withView(this.parts, async (view) => {
      const sources = seriesSources(this.parts, context, view, startMs, endMs);
      if (sources.series.length === 0) return [];
      const bindings = new Bindings();
      const column = expression(bindings);
      const sql = matchingSeries(sources, `${column} AS value`, context.tenant, selectors, bindings);
      const values = await this.parts.database.query(context.signal, `SELECT value FROM (${sql}) WHERE value IS NOT NULL AND value <> ''`, bindings.values, (row) => row.text(0));
      return [...new Set(values)].sort();
    });
  }
}

async function finishAll(columns: ReadonlyMap<bigint, SampleColumns>, labels: ReadonlyMap<bigint, Labels>): Promise<Series[]> {
  const series: Series[] = [];
  const turn = new Turn();
  for (const [id, of] of columns) {
    series.push(of.finish(labels.get(id) ?? []));
    if (turn.due) await turn.give();
  }
  return series.sort((a, b) => compareLabels(a.labels, b.labels));
}

function idsSql(ids: readonly bigint[]): string {
  if (ids.length > MAX_IDS_LISTED) return 'true';
  return `series_id IN (${ids.join(', ')})`;
}

/** Adds a chunk of (series_id, time_ms, value, special, histogram) to its series; reads the numbers straight from DuckDB's memory. */
function takeSamples(chunk: DuckDBDataChunk, labels: ReadonlyMap<bigint, Labels>, columns: Map<bigint, SampleColumns>): number {
  const rows = chunk.rowCount;
  const ids = new BigUint64Array(vectorBytes(chunk, 0, rows * 8));
  const times = new BigInt64Array(vectorBytes(chunk, 1, rows * 8));
  const values = new Float64Array(vectorBytes(chunk, 2, rows * 8));
  const specials = new Int32Array(vectorBytes(chunk, 3, rows * 4));
  const histograms = chunk.getColumnVector(4);
  let id = -1n;
  let of: SampleColumns | null = null;
  let taken = 0;
  for (let i = 0; i < rows; i++) {
    if (ids[i] !== id) {
      id = ids[i];
      of = columns.get(id) ?? null;
      if (!of && labels.has(id)) columns.set(id, (of = new SampleColumns()));
    }
    if (!of) continue;
    of.add(Number(times[i]), values[i], specials[i], histograms.getItem(i) as string | null);
    taken++;
  }
  return taken;
}

/** A copy, aligned. */
function vectorBytes(chunk: DuckDBDataChunk, column: number, bytes: number): ArrayBuffer {
  return Uint8Array.from(duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, column), bytes)).buffer;
}

function compareLabels(a: Labels, b: Labels): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    for (const part of [0, 1] as const) {
      if (a[i][part] !== b[i][part]) return a[i][part] < b[i][part] ? -1 : 1;
    }
  }
  return a.length - b.length;
}
