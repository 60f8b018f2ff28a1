import { z } from 'zod';
import { duration } from '../../config/duration.js';
import { ConfigError, mistakeAt, type ConfigMistake } from '../../config/error.js';
import { withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { bucketBounds, DEFAULT_BUCKETS_MS, DEFAULT_MAX_SIZE, maxSize } from '../aggregation/config.js';
import type { HistogramKind } from '../aggregation/histogram.js';

/** What every span has. */
export const BUILT_IN = ['service.name', 'span.name', 'span.kind', 'status.code'] as const;
export type BuiltIn = (typeof BUILT_IN)[number];

const dimension = z.strictObject({ name: z.string().min(1).max(255), default: z.string().optional() });
const dimensions = () => z.array(dimension).max(64).default([]);
export const spanMetricsSchema = z.strictObject({
  namespace: z.string().max(255).default('traces.span.metrics').describe('Stands before the metrics\' names, with a dot: `calls`, `duration`, `events`. Empty for none.'),
  dimensions: dimensions().describe('Further dimensions of all metrics, each `{ name, default }`: an attribute of the span, else of the resource, else the default, else none.'),
  calls_dimensions: dimensions().describe('Further ones of `calls`.'),
  exclude_dimensions: z.array(z.enum(BUILT_IN)).default([]).describe('Dimensions that every series has otherwise, to be left out: `service.name`, `span.name`, `span.kind`, `status.code`.'),
  include_instrumentation_scope: z.array(z.string()).default([]).describe('Scopes whose spans get `span.instrumentation.scope.name` and `span.instrumentation.scope.version`.'),
  histogram: z
    .strictObject({
      disable: z.boolean().default(false).describe('Whether to leave out `duration`.'),
      unit: z.enum(['s', 'ms']).default('s').describe('Unit of `duration`.'),
      explicit: z.strictObject({ buckets: bucketBounds().optional().describe('Bounds, as durations. Default: 2ms 4ms 6ms 8ms 10ms 50ms 100ms 200ms 400ms 800ms 1s 1.4s 2s 5s 10s 15s.') }).optional(),
      exponential: z.strictObject({ max_size: maxSize().default(DEFAULT_MAX_SIZE).describe('Makes an exponential (native) histogram with so many buckets at most.') }).optional(),
      dimensions: dimensions().describe('Further dimensions of `duration`.'),
    })
    .prefault({}),
  exemplars: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether data points name spans that they counted (trace and span id).'),
      max_per_data_point: z.int().min(1).max(100).default(5).describe('So many each at most, slow spans first.'),
    })
    .prefault({}),
  events: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether to count span events, as `events`.'),
      dimensions: dimensions().describe('Further dimensions of `events`: an attribute of the span, else of the event, else of the resource. At least one is needed.'),
    })
    .prefault({}),
  aggregation_temporality: z.enum(['AGGREGATION_TEMPORALITY_CUMULATIVE', 'AGGREGATION_TEMPORALITY_DELTA']).default('AGGREGATION_TEMPORALITY_CUMULATIVE').describe('Whether data points tell all since the series began, or since the last one.'),
  metrics_flush_interval: duration().prefault('15s').describe('How often metrics are derived (the OpenTelemetry Collector: 60s).'),
  metrics_expiration: duration().prefault('1d').describe('A series without a span for so long is forgotten; 0 for never.'),
  aggregation_cardinality_limit: z.int().min(0).default(20_000).describe('Series of one metric and tenant; spans of further ones are counted in one with `otel.metric.overflow` alone. 0 for no limit.'),
  add_resource_attributes: z.boolean().default(false).describe('Whether metrics have the resource of their spans, one set of series for each resource. Otherwise they have none.'),
  resource_metrics_key_attributes: z.array(z.string().min(1)).default([]).describe('With add_resource_attributes: resources that are equal in these attributes are one. Default: in all.'),
  resource_metrics_cache_size: z.int().min(1).default(1000).describe('With add_resource_attributes: resources of one tenant; beyond it those not seen for longest are forgotten.'),
  max_dimension_length: z.int().min(16).max(65_536).default(1024).describe('Longer values of dimensions are cut off. Not of the OpenTelemetry Collector.'),
  dimensions_cache_size: withoutEffect('there is no such cache.'),
  metric_timestamp_cache_size: withoutEffect('there is no such cache.'),
});

export type SpanMetricsConfig = z.output<typeof spanMetricsSchema>;
export type Dimension = z.output<typeof dimension>;

/** @throws ConfigError */
export function parseSpanMetricsConfig(raw: unknown, place: ConfigPlace): SpanMetricsConfig {
  const config = parseSection(spanMetricsSchema, raw, place);
  const mistakes: ConfigMistake[] = [];
  const { histogram, events } = config;
  const bad = (at: ConfigPlace, text: string): void => void mistakes.push(mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', text));
  if (histogram.explicit && histogram.exponential) bad(place.child('histogram'), 'give either explicit or exponential, not both.');
  if (events.enabled && events.dimensions.length === 0) bad(place.child('events'), 'events need at least one dimension, such as { name: exception.type }.');
  const lists: readonly (readonly [at: ConfigPlace, own: readonly Dimension[], all: readonly Dimension[]])[] = [
    [place.child('dimensions'), config.dimensions, config.dimensions],
    [place.child('calls_dimensions'), config.calls_dimensions, [...config.dimensions, ...config.calls_dimensions]],
    [place.child('histogram').child('dimensions'), histogram.dimensions, [...config.dimensions, ...histogram.dimensions]],
    [place.child('events').child('dimensions'), events.dimensions, [...config.dimensions, ...events.dimensions]],
  ];
  for (const [at, own, all] of lists) {
    for (const { name } of own) {
      if ((BUILT_IN as readonly string[]).includes(name)) bad(at, `every series has the dimension '${name}' already.`);
      else if (all.filter((other) => other.name === name).length > 1) bad(at, `the dimension '${name}' stands twice.`);
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

/** The histogram that is configured, in the metric's unit; null for none. */
export function histogramKind({ histogram }: SpanMetricsConfig): HistogramKind | null {
  if (histogram.disable) return null;
  if (histogram.exponential) return { kind: 'exponential', maxSize: histogram.exponential.max_size };
  const perUnit = histogram.unit === 's' ? 1000 : 1;
  return { kind: 'explicit', bounds: (histogram.explicit?.buckets ?? DEFAULT_BUCKETS_MS).map((ms) => ms / perUnit) };
}
