import { dirname } from 'node:path';
import type { Labels, NativeHistogram, PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import type { Database } from '../../duckdb/database.js';
import { literal } from '../../duckdb/sql.js';
import { oldSamplePaths, pathsOf, type StoredFile } from '../../files/stored-file.js';
import { syncDirectory } from '../../files/sync.js';
import { FLOAT, NAN_HIGH, NAN_LOW, STALE_HIGH, STALE_LOW, WORDS } from '../float-words.js';
import { HeadSamples } from '../head/head-samples.js';
import { SeriesHead } from '../head/series-head.js';

/** The column `special` of version 1. */
const STALE = 1;
const NEGATIVE_ZERO = 2;

/** Writes the samples of a file of version 1 (Parquet, two files) as a block; nothing is deleted. */
export async function migrateSamples(parts: { readonly dir: string; readonly database: Database; readonly exemplarsPerTenant: number }, file: StoredFile, number: number, signal: AbortSignal): Promise<StoredFile> {
  const { dir, database, exemplarsPerTenant } = parts;
  const old = oldSamplePaths(dir, file);
  const head = new HeadSamples(new SeriesHead({ maxSeries: Infinity, idleMs: Infinity }), exemplarsPerTenant, Infinity);
  const series = `read_parquet(${literal(old.series)})`;
  const samples = `SELECT s.tenant, s.labels, d.time_ms, d.value, d.special, coalesce(d.histogram, ''), coalesce(d.exemplar, '') FROM read_parquet(${literal(old.data)}) d JOIN ${series} s USING (series_id)`;
  await database.query(signal, samples, [], (row) => {
    const tenant = row.text(0);
    const ref = head.seriesOf(tenant, labelsFromJson(row.text(1)));
    const timeMs = Number(row.bigint(2));
    const special = row.number(4);
    const value = special === NEGATIVE_ZERO ? -0 : row.number(3);
    const histogram = row.text(5);
    const exemplar = row.text(6);
    if (exemplar !== '') head.addExemplars(tenant, ref, [{ labels: labelsFromJson(exemplar), value, timeMs }]);
    else if (special === STALE) head.tenant(tenant).add(ref, timeMs, STALE_LOW, STALE_HIGH, null);
    else if (histogram !== '') head.tenant(tenant).add(ref, timeMs, NAN_LOW, NAN_HIGH, histogramFromJson(histogram));
    else {
      FLOAT[0] = value;
      head.tenant(tenant).add(ref, timeMs, WORDS[0], WORDS[1], null);
    }
    return null;
  });
  await database.query(signal, `SELECT tenant, name, type, help, unit FROM ${series} WHERE series_id IS NULL`, [], (row) => {
    head.addMetadata(row.text(0), { name: row.text(1), type: row.text(2) as PrometheusMetadata['type'], help: row.text(3), unit: row.text(4) });
    return null;
  });
  const paths = pathsOf(dir, { kind: 'samples', number });
  const { rows, bytes, minNs, maxNs } = await head.write({ database, paths, signal });
  await syncDirectory(dirname(paths.data));
  return { ...file, number, rows, bytes, minNs, maxNs, sequence: file.number };
}

function labelsFromJson(text: string): Labels {
  return Object.entries(JSON.parse(text) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

type JsonNumber = number | string;
interface JsonBuckets {
  readonly offsets: readonly number[];
  readonly counts: readonly JsonNumber[];
}

/** A native histogram as version 1 wrote it; numbers that JSON lacks (NaN, infinities, -0) are strings. */
interface JsonHistogram {
  readonly schema: number;
  readonly zeroThreshold: JsonNumber;
  readonly zeroCount: JsonNumber;
  readonly count: JsonNumber;
  readonly sum: JsonNumber;
  readonly positive: JsonBuckets;
  readonly negative: JsonBuckets;
  readonly customBounds: readonly JsonNumber[] | null;
  readonly counterReset: NativeHistogram['counterReset'];
}

function histogramFromJson(text: string): NativeHistogram {
  const json = JSON.parse(text) as JsonHistogram;
  const buckets = ({ offsets, counts }: JsonBuckets): NativeHistogram['positive'] => ({ offsets: Int32Array.from(offsets), counts: Float64Array.from(counts, Number) });
  return {
    schema: json.schema, zeroThreshold: Number(json.zeroThreshold), zeroCount: Number(json.zeroCount), count: Number(json.count), sum: Number(json.sum),
    positive: buckets(json.positive), negative: buckets(json.negative), customBounds: json.customBounds && Float64Array.from(json.customBounds, Number), counterReset: json.counterReset,
  };
}
