import type { ReceiverFactory } from '../../component.js';
import { parseConfig, type FilelogConfig } from './config.js';
import { FilelogReceiver } from './receiver.js';

/** Tails log files, through rotation and restarts, and parses their lines. */
export const filelog: ReceiverFactory<FilelogConfig> = {
  type: 'filelog',
  signals: ['logs'],
  parseConfig,
  create: (config, context) => new FilelogReceiver(config, context),
};
