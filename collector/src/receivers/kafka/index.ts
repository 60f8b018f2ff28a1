import type { ReceiverFactory } from '../../component.js';
import { parseKafkaReceiverConfig, type KafkaReceiverConfig } from './config.js';
import { KafkaReceiver } from './receiver.js';

/** OTLP, Zipkin's spans and plain log lines out of Kafka's topics. */
export const kafka: ReceiverFactory<KafkaReceiverConfig> = {
  type: 'kafka',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseKafkaReceiverConfig,
  create: (config, context) => new KafkaReceiver(config, context),
};
