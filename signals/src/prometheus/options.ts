import type { TranslationStrategy } from './metric-name.js';

/** How OTLP metrics become Prometheus series. The defaults are those of Prometheus' own OTLP endpoint (`otlp:` in its configuration). */
export interface TranslateOptions {
  readonly strategy?: TranslationStrategy;
  /** Prefix of all metric names. Default none. */
  readonly namespace?: string;
  /** Resource attributes that become labels of every series. Default none: `job`, `instance` and `target_info` carry the resource. */
  readonly promoteResourceAttributes?: readonly string[];
  /** Whether every resource attribute becomes a label. Default false. */
  readonly promoteAllResourceAttributes?: boolean;
  /** Whether `otel_scope_name`, `otel_scope_version`, `otel_scope_schema_url` and the scope's attributes become labels. Default false. */
  readonly promoteScopeMetadata?: boolean;
  /** Whether `target_info` also repeats service.name, service.namespace and service.instance.id. Default false. */
  readonly keepIdentifyingResourceAttributes?: boolean;
  /** Whether there is a `target_info` series per resource. Default true. */
  readonly targetInfo?: boolean;
  /** Whether explicit-bounds histograms become native histograms with custom buckets (schema -53). Default false. */
  readonly convertHistogramsToNhcb?: boolean;
  /** Labels of every series that does not have them. Default none. */
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Time of data points that carry none, in Unix nanoseconds. Default 0. */
  readonly receivedNs?: bigint;
}

export const TRANSLATE_DEFAULTS: Required<TranslateOptions> = Object.freeze({
  strategy: 'UnderscoreEscapingWithSuffixes',
  namespace: '',
  promoteResourceAttributes: [],
  promoteAllResourceAttributes: false,
  promoteScopeMetadata: false,
  keepIdentifyingResourceAttributes: false,
  targetInfo: true,
  convertHistogramsToNhcb: false,
  externalLabels: {},
  receivedNs: 0n,
});
