import type { ReceiverFactory } from '../../component.js';
import { PushReceiver } from '../push/receiver.js';
import { parseConfig, type ZipkinReceiverConfig } from './config.js';
import { ZipkinProtocol } from './protocol.js';

/** Zipkin's API v2 in JSON and protobuf, at its usual port. */
export const zipkin: ReceiverFactory<ZipkinReceiverConfig> = {
  type: 'zipkin',
  signals: ['traces'],
  parseConfig,
  create: (config, context) => new PushReceiver({ what: 'Zipkin', protocol: 'zipkin/json', paths: ['/api/v2/spans'], mounted: null }, config, context, (meter) => new ZipkinProtocol(config, context, meter)),
};
