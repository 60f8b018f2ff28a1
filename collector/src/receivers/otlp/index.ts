import type { ReceiverFactory } from '../../component.js';
import { parseConfig, type OtlpReceiverConfig } from './config.js';
import { OtlpReceiver } from './receiver.js';

/** OTLP over gRPC (4317) and HTTP (4318), all signals. */
export const otlp: ReceiverFactory<OtlpReceiverConfig> = {
  type: 'otlp',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig,
  create: (config, context) => new OtlpReceiver(config, context),
};
