import type { ProcessorFactory } from '../../component.js';
import { parseAttributesConfig, type AttributesConfig } from './config.js';
import { AttributesProcessor } from './processor.js';

/** Sets, deletes, hashes, extracts and converts attributes of items. */
export const attributes: ProcessorFactory<AttributesConfig> = {
  type: 'attributes',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseAttributesConfig,
  create: (config) => new AttributesProcessor(config),
};
