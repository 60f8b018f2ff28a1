import type { ExporterFactory } from '../../component.js';
import { parseKafkaConfig, type KafkaConfig } from './config.js';
import { KafkaExporter } from './exporter.js';

/** Everything to Kafka as OTLP protobuf, with the tenant in a header. */
export const kafka: ExporterFactory<KafkaConfig> = {
  type: 'kafka',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseKafkaConfig,
  create: (config, context) => new KafkaExporter(config, context),
};
