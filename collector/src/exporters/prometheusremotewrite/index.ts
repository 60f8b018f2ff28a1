import type { ExporterFactory } from '../../component.js';
import { parsePrometheusRemoteWriteConfig, type PrometheusRemoteWriteConfig } from './config.js';
import { PrometheusRemoteWriteExporter } from './exporter.js';

/** Metrics to Prometheus, Mimir and all else that takes remote write, with the tenant in X-Scope-OrgID. */
export const prometheusremotewrite: ExporterFactory<PrometheusRemoteWriteConfig> = {
  type: 'prometheusremotewrite',
  signals: ['metrics'],
  parseConfig: parsePrometheusRemoteWriteConfig,
  create: (config, context) => new PrometheusRemoteWriteExporter(config, context),
};
