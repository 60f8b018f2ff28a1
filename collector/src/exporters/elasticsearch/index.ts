import type { ExporterFactory } from '../../component.js';
import { parseElasticsearchConfig, type ElasticsearchConfig } from './config.js';
import { ElasticsearchExporter } from './exporter.js';

/** Everything to Elasticsearch's data streams, in the shape that Elastic gives to OpenTelemetry's data. */
export const elasticsearch: ExporterFactory<ElasticsearchConfig> = {
  type: 'elasticsearch',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseElasticsearchConfig,
  create: (config, context) => new ElasticsearchExporter(config, context),
};
