import { z } from 'zod';
import { TRANSLATION_STRATEGIES } from '@signalbox/signals/prometheus/metric-name';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import { byteSize } from '../../config/bytes.js';
import { withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { httpClientShape, httpUrl } from '../http/config.js';

const WRITE_PATH = '/api/v1/write';
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const QUEUE = 'the journal is the queue of every exporter, always on disk.';

export const prometheusRemoteWriteSchema = z.strictObject({
  endpoint: httpUrl().transform(withWritePath).describe(`Where remote write is taken; without a path, ${WRITE_PATH} is added.`),
  ...httpClientShape,
  version: z.enum(['auto', 'v1', 'v2']).default('auto').describe('Version of the protocol; auto begins with 2.0 and goes back to 1.0 where the destination does not speak it.'),
  translation_strategy: z.enum(TRANSLATION_STRATEGIES).default('UnderscoreEscapingWithSuffixes').describe('How names are made, as Prometheus\' own setting of that name.'),
  protobuf_message: z.enum(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']).optional().describe('As the OpenTelemetry Collector names versions 1 and 2; goes before `version`.'),
  add_metric_suffixes: z.boolean().default(true).describe('false: names have no suffixes of unit and type, whatever translation_strategy says.'),
  namespace: z.string().default('').describe('Prefix of all metric names.'),
  external_labels: z
    .record(z.string().regex(LABEL_NAME, { message: 'is no name of a label: letters, digits and _, not beginning with a digit.' }), z.string())
    .default({})
    .describe('Labels of every series that does not have them.'),
  promote_resource_attributes: z.array(z.string().min(1)).default([]).describe('Resource attributes that become labels of every series.'),
  resource_to_telemetry_conversion: switchOf(false, 'Whether all resource attributes become labels of every series.'),
  promote_scope_metadata: z.boolean().default(false).describe('Whether the instrumentation scope becomes labels (otel_scope_name…).'),
  keep_identifying_resource_attributes: z.boolean().default(false).describe('Whether target_info repeats service.name, service.namespace and service.instance.id.'),
  convert_histograms_to_nhcb: z.boolean().default(false).describe('Whether histograms with bounds become native histograms with custom buckets.'),
  target_info: switchOf(true, 'Whether each resource has a target_info series.'),
  send_exemplars: z.boolean().default(true).describe('Whether exemplars are sent.'),
  send_native_histograms: z.boolean().default(true).describe('Whether native histograms are sent; otherwise they are rejected as native_histogram_off.'),
  remote_write_queue: z
    .strictObject({ num_consumers: z.int().min(1).max(64).default(4).describe('Requests of a batch that are on their way at once, where it needs several; a series is in one of them only.'), enabled: withoutEffect(QUEUE), queue_size: withoutEffect(QUEUE) })
    .prefault({}),
  compression: withoutEffect('remote write is always compressed with snappy.'),
  wal: withoutEffect(QUEUE),
  export_created_metric: withoutEffect('version 2 of the protocol tells when series began; no series are made of it.'),
  send_metadata: withoutEffect('metadata always goes with the series.'),
  disable_scope_info: withoutEffect('the scope is told where promote_scope_metadata is true.'),
  max_batch_size_bytes: withoutEffect('max_request_bytes is the size of a request.'),
  max_batch_request_parallelism: withoutEffect('remote_write_queue.num_consumers says how many requests of a batch are on their way at once.'),
  max_label_memory: byteSize({ min: 1 << 20 }).default(128 * 2 ** 20).describe('Memory for the labels of series that were sent lately, so that they need not be made again; those not used for the longest go first.'),
  max_request_bytes: byteSize({ min: 1024 }).default(3 * 1024 * 1024).describe('Size of a request before compression, as estimated.'),
});

export type PrometheusRemoteWriteConfig = z.output<typeof prometheusRemoteWriteSchema>;

export function parsePrometheusRemoteWriteConfig(raw: unknown, place: ConfigPlace): PrometheusRemoteWriteConfig {
  const config = parseSection(prometheusRemoteWriteSchema, raw, place);
  if (config.protobuf_message === undefined) return config;
  return { ...config, version: config.protobuf_message === 'prometheus.WriteRequest' ? 'v1' : 'v2' };
}

const WITHOUT_SUFFIXES = {
  UnderscoreEscapingWithSuffixes: 'UnderscoreEscapingWithoutSuffixes',
  UnderscoreEscapingWithoutSuffixes: 'UnderscoreEscapingWithoutSuffixes',
  NoUTF8EscapingWithSuffixes: 'NoTranslation',
  NoTranslation: 'NoTranslation',
} as const;

export function translateOptions(config: PrometheusRemoteWriteConfig): TranslateOptions {
  return {
    strategy: config.add_metric_suffixes ? config.translation_strategy : WITHOUT_SUFFIXES[config.translation_strategy],
    namespace: config.namespace,
    externalLabels: config.external_labels,
    promoteResourceAttributes: config.promote_resource_attributes,
    promoteAllResourceAttributes: config.resource_to_telemetry_conversion.enabled,
    promoteScopeMetadata: config.promote_scope_metadata,
    keepIdentifyingResourceAttributes: config.keep_identifying_resource_attributes,
    convertHistogramsToNhcb: config.convert_histograms_to_nhcb,
    targetInfo: config.target_info.enabled,
  };
}

function switchOf(enabled: boolean, description: string): z.ZodPrefault<z.ZodObject<{ enabled: z.ZodDefault<z.ZodBoolean> }>> {
  return z.strictObject({ enabled: z.boolean().default(enabled).describe(description) }).prefault({});
}

function withWritePath(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = WRITE_PATH;
  return url.href;
}
