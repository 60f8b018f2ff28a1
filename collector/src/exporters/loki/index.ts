import type { ExporterFactory } from '../../component.js';
import { LazyExporter } from '../lazy.js';
import { parseLokiConfig, type LokiConfig } from './config.js';

/** Logs to Loki's push API, with the tenant in X-Scope-OrgID. */
export const loki: ExporterFactory<LokiConfig> = {
  type: 'loki',
  signals: ['logs'],
  parseConfig: parseLokiConfig,
  create: (config, context) =>
    new LazyExporter(async () => {
      const { LokiExporter } = await import('./exporter.js');
      return new LokiExporter(config, context);
    }),
};
