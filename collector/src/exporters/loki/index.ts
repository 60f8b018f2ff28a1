import type { ExporterFactory } from '../../component.js';
import { parseLokiConfig, type LokiConfig } from './config.js';
import { LokiExporter } from './exporter.js';
import { lokiOtlpExporter } from './otlp-exporter.js';

/** Logs to Loki, with the tenant in X-Scope-OrgID. */
export const loki: ExporterFactory<LokiConfig> = {
  type: 'loki',
  signals: ['logs'],
  parseConfig: parseLokiConfig,
  create: (config, context) => (config.encoding === 'otlp' ? lokiOtlpExporter(config, context) : new LokiExporter(config, context)),
};
