import type { ReceiverFactory } from '../../component.js';
import { parseConfig, type HostMetricsConfig } from './config.js';
import { HostMetricsReceiver } from './receiver.js';

/** Reads the host's metrics from /proc: CPU, memory, disks, file systems, network, pressure, processes. */
export const hostmetrics: ReceiverFactory<HostMetricsConfig> = {
  type: 'hostmetrics',
  signals: ['metrics'],
  parseConfig,
  create: (config, context) => new HostMetricsReceiver(config, context),
};
