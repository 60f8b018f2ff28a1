import type { ReceiverFactory } from '../../component.js';
import { PushReceiver } from '../push/receiver.js';
import { parseConfig, type LokiReceiverConfig } from './config.js';
import { LokiPushProtocol } from './protocol.js';

const PATH = '/loki/api/v1/push';

/** Loki's push API at `/loki/api/v1/push` of the query port and on its own endpoint. */
export const loki: ReceiverFactory<LokiReceiverConfig> = {
  type: 'loki',
  signals: ['logs'],
  parseConfig,
  create: (config, context) => new PushReceiver({ what: 'Loki push', protocol: 'loki/push', paths: [PATH], mounted: PATH }, config, context, (meter) => new LokiPushProtocol(config, context, meter)),
};
