import type { ReceiverFactory } from '../../component.js';
import { parseConfig, type SyslogConfig } from './config.js';
import { SyslogReceiver } from './receiver.js';

/** Syslog over TCP, TLS and UDP: RFC 5424 and RFC 3164. */
export const syslog: ReceiverFactory<SyslogConfig> = {
  type: 'syslog',
  signals: ['logs'],
  parseConfig,
  create: (config, context) => new SyslogReceiver(config, context),
};
