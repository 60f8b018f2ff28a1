import type { Signal } from '@signalbox/signals/model/signal';
import { Environment } from './environment.js';
import type { OtlpTarget } from './otlp.js';
import { otlpTarget } from './otlp.js';
import type { SpoolSettings } from './spool.js';
import { spoolSettings } from './spool.js';

/** How spans or log records are gathered before they are sent (OTEL_BSP_*, OTEL_BLRP_*). */
export interface BatchSettings {
  /** Items held while the collector is slow or away; what comes on top is dropped and counted. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMs: number;
}

const EXPORTERS = ['otlp', 'console', 'none'] as const;
export type ExporterName = (typeof EXPORTERS)[number];

const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface SpanLimits {
  /** OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT. */
  readonly attributePerEventCountLimit?: number;
  /** OTEL_LINK_ATTRIBUTE_COUNT_LIMIT. */
  readonly attributePerLinkCountLimit?: number;
}

export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory';

export interface AgentSettings {
  /** OTEL_SDK_DISABLED: nothing is instrumented, nothing is sent. */
  readonly disabled: boolean;
  /** SIGNALBOX_AGENT_QUIET: the line at the start is left out. */
  readonly quiet: boolean;
  /** OTEL_LOG_LEVEL, null where it is not set. */
  readonly logLevel: LogLevel | null;
  readonly exporters: Readonly<Record<Signal, readonly ExporterName[]>>;
  readonly otlp: Readonly<Record<Signal, OtlpTarget>>;
  readonly spans: BatchSettings;
  readonly logs: BatchSettings;
  readonly metricIntervalMs: number;
  readonly metricTimeoutMs: number;
  readonly temporality: TemporalityPreference;
  readonly exponentialHistograms: boolean;
  /** OTEL_METRICS_EXEMPLAR_FILTER: whether durations lead to sampled spans. */
  readonly exemplars: boolean;
  /** Limits of spans that the SDK knows by other names than the specification. */
  readonly spanLimits: SpanLimits;
  /** OTEL_NODE_ENABLED_INSTRUMENTATIONS; empty for our own choice. */
  readonly enabledInstrumentations: readonly string[];
  readonly disabledInstrumentations: readonly string[];
  /** OTEL_NODE_RESOURCE_DETECTORS; empty for our own. */
  readonly resourceDetectors: readonly string[];
  /** SIGNALBOX_AGENT_EXIT_TIMEOUT_MS: how long an ending process waits at most for its last telemetry. */
  readonly exitTimeoutMs: number;
  /** Null where nothing is kept on disk. */
  readonly spool: SpoolSettings | null;
  /** What could not be understood, to be shown as warnings. */
  readonly problems: readonly string[];
}

const DEFAULT_ATTRIBUTE_COUNT = 128;
/** Configuration files of the SDK's; what they would say is not in force. */
const NOT_READ = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'];
const NOT_READ_REMEDY = 'this agent is set by the other OTEL_* variables';

/**
 * Settings from OTEL_* as the specification defines them, with our defaults where it lets us choose: one second until
 * spans and log records are sent, ten seconds between metrics.
 */
export function readSettings(values: Readonly<Record<string, string | undefined>>): AgentSettings {
  const environment = new Environment(values);
  const metricIntervalMs = environment.whole('OTEL_METRIC_EXPORT_INTERVAL', 10_000);
  const settings = {
    disabled: environment.flag('OTEL_SDK_DISABLED'),
    quiet: environment.flag('SIGNALBOX_AGENT_QUIET'),
    logLevel: environment.text('OTEL_LOG_LEVEL') === undefined ? null : environment.choice('OTEL_LOG_LEVEL', LOG_LEVELS, 'info'),
    exporters: {
      traces: exporterNames(environment, 'OTEL_TRACES_EXPORTER'),
      logs: exporterNames(environment, 'OTEL_LOGS_EXPORTER'),
      metrics: exporterNames(environment, 'OTEL_METRICS_EXPORTER'),
    },
    otlp: {
      traces: otlpTarget(environment, 'traces'),
      logs: otlpTarget(environment, 'logs'),
      metrics: otlpTarget(environment, 'metrics'),
    },
    spans: batch(environment, 'OTEL_BSP'),
    logs: batch(environment, 'OTEL_BLRP'),
    metricIntervalMs,
    metricTimeoutMs: Math.min(metricIntervalMs, environment.whole('OTEL_METRIC_EXPORT_TIMEOUT', 30_000)),
    temporality: environment.choice('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', ['cumulative', 'delta', 'lowmemory'], 'cumulative'),
    exponentialHistograms:
      environment.choice('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'], 'explicit_bucket_histogram') ===
      'base2_exponential_bucket_histogram',
    exemplars: environment.choice('OTEL_METRICS_EXEMPLAR_FILTER', ['trace_based', 'always_off'], 'trace_based') === 'trace_based',
    spanLimits: spanLimits(environment),
    enabledInstrumentations: environment.list('OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
    disabledInstrumentations: environment.list('OTEL_NODE_DISABLED_INSTRUMENTATIONS'),
    resourceDetectors: environment.list('OTEL_NODE_RESOURCE_DETECTORS'),
    exitTimeoutMs: environment.whole('SIGNALBOX_AGENT_EXIT_TIMEOUT_MS', 2_000, 0),
    spool: spoolSettings(environment),
  } as const;
  for (const name of NOT_READ) if (environment.text(name) !== undefined) environment.problem(`${name} is not read; ${NOT_READ_REMEDY}`);
  return { ...settings, problems: [...new Set(environment.problems)] };
}

function spanLimits(environment: Environment): SpanLimits {
  const limit = (name: string): number | undefined => (environment.text(name) === undefined ? undefined : environment.whole(name, DEFAULT_ATTRIBUTE_COUNT, 0));
  const perEvent = limit('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT');
  const perLink = limit('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT');
  return {
    ...(perEvent === undefined ? {} : { attributePerEventCountLimit: perEvent }),
    ...(perLink === undefined ? {} : { attributePerLinkCountLimit: perLink }),
  };
}

function batch(environment: Environment, prefix: string): BatchSettings {
  const maxQueueSize = environment.whole(`${prefix}_MAX_QUEUE_SIZE`, 2048);
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(maxQueueSize, environment.whole(`${prefix}_MAX_EXPORT_BATCH_SIZE`, 512)),
    scheduledDelayMs: environment.whole(`${prefix}_SCHEDULE_DELAY`, 1_000, 0),
  };
}

function exporterNames(environment: Environment, name: string): readonly ExporterName[] {
  const names = environment.list(name);
  const known = names.filter((value): value is ExporterName => EXPORTERS.some((exporter) => exporter === value));
  for (const value of names) {
    if (!known.some((exporter) => exporter === value)) {
      environment.problem(`${name} names "${value}", but this agent knows ${EXPORTERS.join(', ')}; the collector exports to other systems`);
    }
  }
  if (known.includes('none')) return [];
  if (known.length > 0) return [...new Set(known)];
  return names.length > 0 ? [] : ['otlp'];
}
