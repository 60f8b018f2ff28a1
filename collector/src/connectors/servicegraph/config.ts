import { z } from 'zod';
import { duration } from '../../config/duration.js';
import { ConfigError, mistakeAt } from '../../config/error.js';
import { withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { bucketBounds, DEFAULT_BUCKETS_MS, maxSize } from '../aggregation/config.js';
import type { HistogramKind } from '../aggregation/histogram.js';

export const serviceGraphSchema = z.strictObject({
  latency_histogram_buckets: bucketBounds().optional().describe('Bounds of the histograms, as durations. Default: 2ms 4ms 6ms 8ms 10ms 50ms 100ms 200ms 400ms 800ms 1s 1.4s 2s 5s 10s 15s.'),
  exponential_histogram_max_size: maxSize().optional().describe('Makes exponential (native) histograms with so many buckets at most, instead.'),
  dimensions: z.array(z.string().min(1).max(255)).max(64).default([]).describe('Attributes of the resource or span that become dimensions: `client_<name>` from the client\'s side, `server_<name>` from the server\'s.'),
  store: z
    .strictObject({
      ttl: duration({ minMs: 1 }).prefault('10s').describe('How long a span waits for the other side (the OpenTelemetry Collector: 2s, less than many agents take to send).'),
      max_items: z.int().min(1).default(20_000).describe('Spans that wait, of all tenants; further ones are counted as dropped.'),
    })
    .prefault({}),
  virtual_node_peer_attributes: z
    .array(z.string().min(1))
    .default(['peer.service', 'db.name', 'db.namespace', 'db.system', 'db.system.name', 'server.address'])
    .describe('Attributes that name what does not send spans of its own, the first that is there; without any of them it is `unknown`. With an empty list such spans are counted as unpaired only.'),
  virtual_node_extra_label: z.boolean().default(false).describe('Whether edges have `virtual_node`: `client`, `server` or nothing.'),
  database_name_attributes: z.array(z.string().min(1)).default(['db.name', 'db.namespace']).describe('Attributes that name a database; a client\'s span with one of them is a whole edge.'),
  metrics_flush_interval: duration().prefault('15s').describe('How often metrics are derived (the OpenTelemetry Collector: 60s).'),
  metrics_expiration: duration().prefault('1d').describe('An edge without a request for so long is forgotten; 0 for never. Not of the OpenTelemetry Collector.'),
  aggregation_cardinality_limit: z.int().min(0).default(10_000).describe('Edges of one tenant; requests of further ones are counted in one with `otel.metric.overflow` alone. 0 for no limit. Not of the OpenTelemetry Collector.'),
  max_dimension_length: z.int().min(16).max(65_536).default(1024).describe('Longer names and values of dimensions are cut off. Not of the OpenTelemetry Collector.'),
  cache_loop: withoutEffect('see metrics_expiration.'),
  store_expiration_loop: withoutEffect('it is looked for what has expired once a second.'),
  metrics_exporter: withoutEffect('pipelines say where the metrics go.'),
});

export type ServiceGraphConfig = z.output<typeof serviceGraphSchema>;

/** @throws ConfigError */
export function parseServiceGraphConfig(raw: unknown, place: ConfigPlace): ServiceGraphConfig {
  const config = parseSection(serviceGraphSchema, raw, place);
  if (config.latency_histogram_buckets && config.exponential_histogram_max_size !== undefined) {
    throw new ConfigError([mistakeAt(place.child('exponential_histogram_max_size'), 'SBX_CONFIG_BAD_VALUE', 'give either latency_histogram_buckets or exponential_histogram_max_size, not both.')]);
  }
  return config;
}

/** In seconds. */
export function histogramKind({ latency_histogram_buckets: buckets, exponential_histogram_max_size: size }: ServiceGraphConfig): HistogramKind {
  return size === undefined ? { kind: 'explicit', bounds: (buckets ?? DEFAULT_BUCKETS_MS).map((ms) => ms / 1000) } : { kind: 'exponential', maxSize: size };
}
