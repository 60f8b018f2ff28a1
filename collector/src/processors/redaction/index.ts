import type { ProcessorFactory } from '../../component.js';
import { parseRedactionConfig, type RedactionConfig } from './config.js';
import { RedactionProcessor } from './processor.js';

/** Takes out and masks what must not be stored. */
export const redaction: ProcessorFactory<RedactionConfig> = {
  type: 'redaction',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseRedactionConfig,
  create: (config) => new RedactionProcessor(config),
};
