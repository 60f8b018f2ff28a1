import { createHash } from 'node:crypto';
import type { Labels, NativeHistogram, PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import type { Database } from '../duckdb/database.js';
import { copyToParquet } from '../duckdb/parquet.js';
import { histogramToJson, labelsToJson } from '../tables/histogram-json.js';
import { SAMPLE, SAMPLE_COLUMNS, SERIES, SERIES_COLUMNS, SPECIAL } from '../tables/samples.js';
import type { HotKind, WriteContext, Written } from './hot-kind.js';
import { HotTable } from './hot-table.js';

const NS_PER_MS = 1_000_000n;

interface TenantSeries {
  readonly ids: Map<string, bigint>;
  readonly families: Set<string>;
}

/** The samples of a generation, with the series that they belong to and what is known of their families. */
export class HotSamples implements HotKind {
  readonly kind = 'samples';
  private readonly tenants = new Map<string, TenantSeries>();
  private readonly columns: { readonly id: BigUint64Array; readonly time: BigInt64Array; readonly value: Float64Array; readonly special: Int32Array; readonly start: BigInt64Array };
  private readonly seriesIds: BigUint64Array;
  private minMs = Infinity;
  private maxMs = -Infinity;

  private constructor(readonly table: HotTable, readonly series: HotTable, private readonly seriesPerTenant: number) {
    const { chunk } = table;
    this.columns = {
      id: new BigUint64Array(chunk.buffer(SAMPLE.seriesId)), time: new BigInt64Array(chunk.buffer(SAMPLE.timeMs)), value: new Float64Array(chunk.buffer(SAMPLE.value)),
      special: new Int32Array(chunk.buffer(SAMPLE.special)), start: new BigInt64Array(chunk.buffer(SAMPLE.startMs)),
    };
    this.seriesIds = new BigUint64Array(series.chunk.buffer(SERIES.seriesId));
  }

  static async create(database: Database, generation: number, seriesPerTenant: number): Promise<HotSamples> {
    return new HotSamples(await HotTable.create(database, `samples_${generation}`, SAMPLE_COLUMNS), await HotTable.create(database, `series_${generation}`, SERIES_COLUMNS), seriesPerTenant);
  }

  get rows(): number {
    return this.table.total + (this.table.total === 0 ? this.series.total : 0);
  }

  get bytes(): number {
    return this.table.bytes + this.series.bytes;
  }

  /** Ids of the series, new ones made known; null when there would be more series than the tenant may have. */
  seriesOf(tenant: string, labels: readonly Labels[]): readonly bigint[] | null {
    const { ids } = this.tenant(tenant);
    const texts = labels.map(labelsToJson);
    const missing = new Set(texts.filter((text) => !ids.has(text)));
    if (ids.size + missing.size > this.seriesPerTenant) return null;
    return texts.map((text, i) => ids.get(text) ?? this.addSeries(tenant, ids, text, labels[i]));
  }

  addSample(seriesId: bigint, timeMs: number, value: number, stale: boolean, startMs: number, histogram: NativeHistogram | null): void {
    const { chunk } = this.table;
    const row = chunk.rows;
    const negativeZero = Object.is(value, -0);
    this.set(row, seriesId, timeMs, stale || histogram ? NaN : negativeZero ? 0 : value, stale ? SPECIAL.stale : negativeZero ? SPECIAL.negativeZero : SPECIAL.none, startMs);
    if (histogram && !stale) chunk.setText(SAMPLE.histogram, row, Buffer.from(histogramToJson(histogram)));
    this.table.endRow();
  }

  addExemplar(seriesId: bigint, timeMs: number, value: number, labels: Labels): void {
    const { chunk } = this.table;
    this.set(chunk.rows, seriesId, timeMs, value, Object.is(value, -0) ? SPECIAL.negativeZero : SPECIAL.none, 0);
    chunk.setText(SAMPLE.exemplar, chunk.rows, Buffer.from(labelsToJson(labels)));
    this.table.endRow();
  }

  addMetadata(tenant: string, { name, type, help, unit }: PrometheusMetadata): void {
    const { families } = this.tenant(tenant);
    const key = JSON.stringify([name, type, help, unit]);
    if (families.has(key) || families.size >= this.seriesPerTenant) return;
    families.add(key);
    const { chunk } = this.series;
    const text = (column: number, value: string): void => chunk.setText(column, chunk.rows, Buffer.from(value));
    text(SERIES.tenant, tenant);
    text(SERIES.name, name);
    text(SERIES.type, type);
    text(SERIES.help, help);
    text(SERIES.unit, unit);
    this.series.endRow();
  }

  flush(): void {
    this.series.flush();
    this.table.flush();
  }

  seal(): void {
    this.series.seal();
    this.table.seal();
  }

  async write({ database, paths, signal }: WriteContext): Promise<Written> {
    const bytes = await database.background(signal, async (connection) =>
      (await copyToParquet(connection, `SELECT * FROM ${this.table.name} ORDER BY series_id, time_ms`, paths.data)) +
      (await copyToParquet(connection, `SELECT * FROM ${this.series.name} ORDER BY tenant, name`, paths.series)));
    return {
      rows: this.table.rows, bytes,
      minNs: toNs(Number.isFinite(this.minMs) ? this.minMs : 0), maxNs: toNs(Number.isFinite(this.maxMs) ? this.maxMs : 0) + NS_PER_MS - 1n,
      tenants: [...this.tenants.keys()],
    };
  }

  async drop(): Promise<void> {
    await this.table.drop();
    await this.series.drop();
  }

  private set(row: number, seriesId: bigint, timeMs: number, value: number, special: number, startMs: number): void {
    const { columns } = this;
    columns.id[row] = seriesId;
    columns.time[row] = BigInt(timeMs);
    columns.value[row] = value;
    columns.special[row] = special;
    columns.start[row] = BigInt(startMs);
    this.minMs = Math.min(this.minMs, timeMs);
    this.maxMs = Math.max(this.maxMs, timeMs);
  }

  private tenant(tenant: string): TenantSeries {
    let series = this.tenants.get(tenant);
    if (!series) this.tenants.set(tenant, (series = { ids: new Map(), families: new Set() }));
    return series;
  }

  private addSeries(tenant: string, ids: Map<string, bigint>, text: string, labels: Labels): bigint {
    const id = seriesId(tenant, text);
    ids.set(text, id);
    const { chunk } = this.series;
    const row = chunk.rows;
    chunk.setText(SERIES.tenant, row, Buffer.from(tenant));
    this.seriesIds[row] = id;
    chunk.setValid(SERIES.seriesId, row);
    chunk.setText(SERIES.name, row, Buffer.from(labels.find(([name]) => name === '__name__')?.[1] ?? ''));
    chunk.setText(SERIES.labels, row, Buffer.from(text));
    this.series.endRow();
    return id;
  }
}

/** The same series has the same id in every file, so nothing needs to be remembered. The first 64 bits of a SHA-256. */
export function seriesId(tenant: string, labels: string): bigint {
  return createHash('sha256').update(tenant).update('\0').update(labels).digest().readBigUInt64LE();
}

function toNs(ms: number): bigint {
  return BigInt(ms) * NS_PER_MS;
}
