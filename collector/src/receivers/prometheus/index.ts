import type { ReceiverContext, ReceiverFactory } from '../../component.js';
import { parseConfig, type PrometheusReceiverConfig } from './config.js';
import { PrometheusReceiver } from './receiver.js';

/** Scrapes Prometheus targets: `config.scrape_configs` as Prometheus has them, for static and file service discovery. */
export const prometheus = {
  type: 'prometheus',
  signals: ['metrics'],
  parseConfig,
  create: (config: PrometheusReceiverConfig, context: ReceiverContext): PrometheusReceiver => new PrometheusReceiver(config, context),
} as const satisfies ReceiverFactory<PrometheusReceiverConfig>;
