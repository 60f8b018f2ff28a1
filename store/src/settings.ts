import type { TranslationStrategy } from '@signalbox/signals/prometheus/metric-name';
import { StoreError } from './errors.js';

/** When hot rows are written to files. The first threshold that is reached counts. */
export interface FlushSettings {
  /** Spans and log records together. */
  readonly rows: number;
  /** Metric samples; each takes about 20 bytes of memory until then. */
  readonly samples: number;
  /** Estimated bytes of rows in memory. */
  readonly bytes: number;
  readonly ageMs: number;
}

/** How files are merged in the background, so that their number stays small. */
export interface MergeSettings {
  /** How often the files are looked through; 0 turns merging off. */
  readonly intervalMs: number;
  /** Files of about the same size that are needed for a merge. */
  readonly minFiles: number;
  /** Files in one merge at most. */
  readonly maxFiles: number;
  /** No merged file gets more rows than this. */
  readonly maxRows: number;
  /** No merged block gets more metric samples than this. */
  readonly maxSamples: number;
  /** No merged file covers more time of arrival than this, so that retention by age stays fine-grained. */
  readonly maxSpanMs: number;
}

export interface RetentionSettings {
  /** Data older than this (by arrival) goes; 'off' keeps everything. */
  readonly ageMs: number | 'off';
  /** The store's files together; the oldest go first. */
  readonly maxBytes: number;
  /** Share of the file system that stays free; below it the oldest files go. */
  readonly minFreeShare: number;
  readonly intervalMs: number;
}

export interface DuckdbSettings {
  readonly memoryLimitBytes: number;
  /** Threads within one query. 1: each query runs on one thread of libuv's pool. */
  readonly threads: number;
  /** Queries at the same time; keep it well below UV_THREADPOOL_SIZE. */
  readonly maxQueries: number;
  /** Queries that wait for their turn; more are refused. */
  readonly maxWaiting: number;
}

export interface LimitSettings {
  /** Live series of a tenant; samples of further series are dropped as `series_limit`. */
  readonly seriesPerTenant: number;
  /** A series without a sample for so long is not live any more. */
  readonly seriesIdleMs: number;
  /** Exemplars of a tenant kept per file; the oldest ones make place. */
  readonly exemplarsPerTenant: number;
  /** Metric families of a tenant whose type, help and unit are kept per file. */
  readonly familiesPerTenant: number;
  /** Indexes of blocks of samples that stay in memory. */
  readonly seriesIndexBytes: number;
  /** Attribute names and operations kept per file and tenant for lists; what is beyond is still found by searches. */
  readonly namesPerFile: number;
}

/** How OTLP metrics become series; the defaults are Prometheus' own (`otlp:` in its configuration). */
export interface OtlpSettings {
  readonly strategy: TranslationStrategy;
  /** Resource attributes that become labels of every series. */
  readonly promoteResourceAttributes: readonly string[];
  readonly promoteAllResourceAttributes: boolean;
  /** Whether the scope's name, version, schema URL and attributes become labels. */
  readonly promoteScopeMetadata: boolean;
  /** Whether `target_info` repeats what `job` and `instance` say. */
  readonly keepIdentifyingResourceAttributes: boolean;
  /** Whether histograms with explicit bounds become native ones with custom buckets. */
  readonly convertHistogramsToNhcb: boolean;
}

export interface StoreSettings {
  readonly flush: FlushSettings;
  readonly merge: MergeSettings;
  readonly retention: RetentionSettings;
  readonly duckdb: DuckdbSettings;
  readonly limits: LimitSettings;
  readonly otlp: OtlpSettings;
  /** Whether a counter's start (of OTLP or remote write 2) becomes a sample of zero; Prometheus' `created-timestamp-zero-ingestion`. */
  readonly zeroAtStart: boolean;
  /** How long `catchUp` waits for the journal's durable position. */
  readonly catchUpMs: number;
  /** Bytes of journal decoded in one step. */
  readonly readBytes: number;
}

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

export const DEFAULT_STORE_SETTINGS: StoreSettings = Object.freeze({
  flush: Object.freeze({ rows: 65_536, samples: 2_000_000, bytes: 32 * MIB, ageMs: 30_000 }),
  merge: Object.freeze({ intervalMs: 5_000, minFiles: 8, maxFiles: 32, maxRows: 262_144, maxSamples: 50_000_000, maxSpanMs: DAY_MS }),
  retention: Object.freeze({ ageMs: 14 * DAY_MS, maxBytes: 20 * 1024 * MIB, minFreeShare: 0.1, intervalMs: 60_000 }),
  duckdb: Object.freeze({ memoryLimitBytes: 256 * MIB, threads: 1, maxQueries: 4, maxWaiting: 64 }),
  limits: Object.freeze({ seriesPerTenant: 2_000_000, seriesIdleMs: 30 * 60_000, exemplarsPerTenant: 100_000, familiesPerTenant: 100_000, seriesIndexBytes: 256 * MIB, namesPerFile: 10_000 }),
  otlp: Object.freeze({
    strategy: 'UnderscoreEscapingWithSuffixes', promoteResourceAttributes: [], promoteAllResourceAttributes: false, promoteScopeMetadata: false,
    keepIdentifyingResourceAttributes: false, convertHistogramsToNhcb: false,
  }),
  zeroAtStart: false,
  catchUpMs: 1_000,
  readBytes: 2 * MIB,
});

/** Settings as a person gives them: every part may be left out. */
export type StoreSettingsInput = { readonly [K in keyof StoreSettings]?: StoreSettings[K] extends object ? Partial<StoreSettings[K]> : StoreSettings[K] };

/** Fills in the defaults. @throws StoreError SBX_STORE_SETTING for a value that cannot work, naming it. */
export function storeSettings(input: StoreSettingsInput = {}): StoreSettings {
  const d = DEFAULT_STORE_SETTINGS;
  const settings: StoreSettings = {
    flush: { ...d.flush, ...input.flush },
    merge: { ...d.merge, ...input.merge },
    retention: { ...d.retention, ...input.retention },
    duckdb: { ...d.duckdb, ...input.duckdb },
    limits: { ...d.limits, ...input.limits },
    otlp: { ...d.otlp, ...input.otlp },
    zeroAtStart: input.zeroAtStart ?? d.zeroAtStart,
    catchUpMs: input.catchUpMs ?? d.catchUpMs,
    readBytes: input.readBytes ?? d.readBytes,
  };
  atLeast('flush.rows', settings.flush.rows, 1);
  atLeast('flush.samples', settings.flush.samples, 1);
  atLeast('flush.bytes', settings.flush.bytes, 1);
  atLeast('flush.ageMs', settings.flush.ageMs, 1);
  atLeast('merge.intervalMs', settings.merge.intervalMs, 0);
  atLeast('merge.minFiles', settings.merge.minFiles, 2);
  atLeast('merge.maxFiles', settings.merge.maxFiles, settings.merge.minFiles);
  atLeast('merge.maxRows', settings.merge.maxRows, 1);
  atLeast('merge.maxSamples', settings.merge.maxSamples, 1);
  atLeast('retention.maxBytes', settings.retention.maxBytes, MIB);
  if (settings.retention.ageMs !== 'off') atLeast('retention.ageMs', settings.retention.ageMs, 1);
  if (!(settings.retention.minFreeShare >= 0 && settings.retention.minFreeShare < 1)) refuse('retention.minFreeShare', settings.retention.minFreeShare, 'from 0 to below 1');
  atLeast('retention.intervalMs', settings.retention.intervalMs, 1);
  atLeast('duckdb.memoryLimitBytes', settings.duckdb.memoryLimitBytes, 64 * MIB);
  atLeast('duckdb.threads', settings.duckdb.threads, 1);
  atLeast('duckdb.maxQueries', settings.duckdb.maxQueries, 1);
  atLeast('duckdb.maxWaiting', settings.duckdb.maxWaiting, 0);
  atLeast('limits.seriesPerTenant', settings.limits.seriesPerTenant, 1);
  atLeast('limits.seriesIdleMs', settings.limits.seriesIdleMs, 1);
  atLeast('limits.exemplarsPerTenant', settings.limits.exemplarsPerTenant, 0);
  atLeast('limits.familiesPerTenant', settings.limits.familiesPerTenant, 0);
  atLeast('limits.seriesIndexBytes', settings.limits.seriesIndexBytes, 0);
  atLeast('limits.namesPerFile', settings.limits.namesPerFile, 1);
  atLeast('catchUpMs', settings.catchUpMs, 0);
  atLeast('readBytes', settings.readBytes, 1);
  return settings;
}

function atLeast(name: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least)) refuse(name, value, `a number from ${least} on`);
}

function refuse(name: string, value: unknown, expected: string): never {
  throw new StoreError('SBX_STORE_SETTING', `store.${name} is ${String(value)}; it must be ${expected}`);
}
