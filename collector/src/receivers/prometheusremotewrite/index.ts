import type { ReceiverFactory } from '../../component.js';
import { PushReceiver } from '../push/receiver.js';
import { parseConfig, type RemoteWriteReceiverConfig } from './config.js';
import { RemoteWriteProtocol } from './protocol.js';

const MOUNTED = '/prometheus/api/v1/write';

/** Prometheus remote write, versions 1 and 2, at `/prometheus/api/v1/write` of the query port and on its own endpoint. */
export const prometheusremotewrite: ReceiverFactory<RemoteWriteReceiverConfig> = {
  type: 'prometheusremotewrite',
  signals: ['metrics'],
  parseConfig,
  create: (config, context) =>
    new PushReceiver(
      { what: 'Prometheus remote write', protocol: 'prometheus/remote-write', paths: [MOUNTED, '/api/v1/write'], mounted: MOUNTED },
      config,
      context,
      (meter) => new RemoteWriteProtocol(config, context, meter),
    ),
};
