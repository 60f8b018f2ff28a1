import type { ExporterFactory } from '../../component.js';
import { LazyExporter } from '../lazy.js';
import { parsePrometheusRemoteWriteConfig, type PrometheusRemoteWriteConfig } from './config.js';

/** Metrics to Prometheus, Mimir and all else that takes remote write, with the tenant in X-Scope-OrgID. */
export const prometheusremotewrite: ExporterFactory<PrometheusRemoteWriteConfig> = {
  type: 'prometheusremotewrite',
  signals: ['metrics'],
  parseConfig: parsePrometheusRemoteWriteConfig,
  create: (config, context) =>
    new LazyExporter(async () => {
      const { PrometheusRemoteWriteExporter } = await import('./exporter.js');
      return new PrometheusRemoteWriteExporter(config, context);
    }),
};
