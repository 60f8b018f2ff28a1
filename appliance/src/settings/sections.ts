import { z } from 'zod';
import { byteSize } from '@signalbox/collector/config/bytes';
import { duration, durationOrOff } from '@signalbox/collector/config/duration';
import { listenEndpoint } from '@signalbox/collector/config/listen-endpoint';
import { serverTlsSchema } from '@signalbox/collector/security/server-tls';
import { TRANSLATION_STRATEGIES } from '@signalbox/signals/prometheus/metric-name';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const DAY_MS = 86_400_000;

/** The appliance's own parts of the configuration, beside the Collector's. Names are those of the environment too: `SIGNALBOX_STORE_RETENTION_AGE`. */
export const sections = {
  serve: z.strictObject({
    endpoint: listenEndpoint().default('127.0.0.1:4319').describe('Where the console, the query APIs and health are served.'),
    allowed_hosts: z.array(z.string()).default([]).describe('Host names, besides loopback ones, that requests may name.'),
    allowed_origins: z.array(z.string()).default([]).describe('Origins of other pages that may call the APIs.'),
    warm_up: z.boolean().default(true).describe('Where there are metrics, run made-up queries after the start while there is nothing else to do: the first real ones take half as much CPU then. Costs seconds of CPU once, and some 80 MB.'),
    tls: serverTlsSchema.optional(),
  }).prefault({}),
  auth: z.strictObject({
    required: z.boolean().default(false).describe('Demand a token on loopback too. On any other address a token is always demanded.'),
    token_file: z.string().nullable().default(null).describe('A file with one token, for tenant default and both scopes (a docker secret).'),
  }).prefault({}),
  journal: z.strictObject({
    max_bytes: byteSize({ min: 16 * MIB }).default(4 * GIB).describe('The most that the journal takes on disk; beyond, the oldest goes, and what a reader had not taken yet is in the ledger as evicted.'),
    segment_bytes: byteSize({ min: MIB, max: GIB }).default(64 * MIB).describe('Size of one file of the journal.'),
    min_free_share: z.number().min(0).max(0.9).default(0.1).describe('Nothing is accepted while less than this share of the disk is free.'),
    max_tenants: z.int().min(1).default(1000).describe('A tenant exists from its first write; more than this are refused.'),
  }).prefault({}),
  receive: z.strictObject({
    max_in_flight_bytes: byteSize({ min: MIB }).default(64 * MIB).describe('Bytes of requests that are being received at the same time; beyond, senders are asked to come again.'),
  }).prefault({}),
  store: z.strictObject({
    retention: z.strictObject({
      age: durationOrOff({ minMs: 60_000 }).default(14 * DAY_MS).describe('Data that arrived longer ago goes; off keeps everything.'),
      bytes: byteSize({ min: MIB }).default(20 * GIB).describe('The most that the store takes on disk; the oldest goes first.'),
      min_free_share: z.number().min(0).max(0.9).default(0.1).describe('Below this share of free disk the oldest files go.'),
    }).prefault({}),
    flush: z.strictObject({
      rows: z.int().min(1).default(65_536).describe('Rows in memory that are written to a file at the latest.'),
      samples: z.int().min(1).default(2_000_000).describe('Metric samples in memory that are written to a file at the latest; each takes 20 bytes until then.'),
      bytes: byteSize({ min: MIB }).default(32 * MIB).describe('Bytes in memory that are written to a file at the latest.'),
      age: duration({ minMs: 100 }).default(30_000).describe('Time in memory after which rows are written to a file.'),
    }).prefault({}),
    memory_limit: byteSize({ min: 64 * MIB }).default(256 * MIB).describe('Memory of DuckDB.'),
    max_queries: z.int().min(1).max(12).default(4).describe('Queries of the store that run at the same time.'),
    max_series: z.int().min(1).default(2_000_000).describe('Live series of a tenant; samples of further ones are dropped as series_limit.'),
    series_idle: duration({ minMs: 60_000 }).default(30 * 60_000).describe('A series without a sample for so long is not live any more: it counts no more for max_series, and what it had is still found.'),
    max_exemplars: z.int().min(0).default(100_000).describe('Exemplars of a tenant that are kept in each file; the oldest make place.'),
    created_timestamp_zero_ingestion: z.boolean().default(false).describe('The start of a counter, which OTLP and remote write 2 tell, becomes a sample of zero, so that its first increase is seen; as with Prometheus\' feature flag of that name. Starts more than an hour before the sample do not.'),
    otlp: z.strictObject({
      translation_strategy: z.enum(TRANSLATION_STRATEGIES).default('UnderscoreEscapingWithSuffixes').describe('How names become metric and label names. This and the following are what Prometheus has under otlp, with its defaults.'),
      promote_resource_attributes: z.array(z.string().min(1)).default([]).describe('Resource attributes that become labels of every series.'),
      promote_all_resource_attributes: z.boolean().default(false).describe('All of them do.'),
      promote_scope_metadata: z.boolean().default(false).describe('The scope, too, becomes labels: otel_scope_name, otel_scope_version, otel_scope_schema_url and its attributes.'),
      keep_identifying_resource_attributes: z.boolean().default(false).describe('target_info repeats service.name, service.namespace and service.instance.id, of which job and instance are made.'),
      convert_histograms_to_nhcb: z.boolean().default(false).describe('Histograms with explicit bounds become native ones with custom buckets.'),
    }).prefault({}),
  }).prefault({}),
  query: z.strictObject({
    timeout: duration({ minMs: 100 }).default(120_000).describe('A query that takes longer is ended.'),
    catch_up: duration({ minMs: 0 }).default(1000).describe('What was acknowledged before a query is part of its answer; so long at most it waits for the store to have read it, and is answered without it then, which the log and the header x-signalbox-behind-bytes of the answer tell.'),
    max_series: z.int().min(1).default(100_000).describe('Series that one query may read.'),
    max_samples: z.int().min(1).default(50_000_000).describe('Samples that one query may read.'),
    max_memory: byteSize({ min: MIB }).default(GIB).describe('What one query may take in memory for what it reads, computes and answers.'),
    enable_feature: z.array(z.enum(['promql-experimental-functions', 'promql-extended-range-selectors', 'promql-binop-fill-modifiers'])).default(['promql-experimental-functions', 'promql-extended-range-selectors', 'promql-binop-fill-modifiers']).describe('What of PromQL is on that Prometheus has behind its flag --enable-feature: promql-experimental-functions, promql-extended-range-selectors, promql-binop-fill-modifiers. Without a value all of them are.'),
    metrics: z.strictObject({
      prometheus: z.strictObject({
        url: z.url({ protocol: /^https?$/ }).nullable().default(null).describe('A Prometheus (or Mimir, Thanos) that answers /prometheus in place of the store: its API without /api/v1, such as http://prometheus:9090.'),
        headers: z.record(z.string(), z.string()).default({}).describe('Sent to it, such as an authorization.'),
        tenant_header: z.string().nullable().default(null).describe('The header that names the tenant there (X-Scope-OrgID); none where it is null.'),
      }).prefault({}),
    }).prefault({}),
  }).prefault({}),
  log: z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least severe lines that are written.'),
  }).prefault({}),
} as const;

export type ApplianceSections = { readonly [K in keyof typeof sections]: z.output<(typeof sections)[K]> };
