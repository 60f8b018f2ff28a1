import type { ProcessorFactory } from '../../component.js';
import { parseResourceConfig, type ResourceConfig } from './config.js';
import { ResourceProcessor } from './processor.js';

/** Sets, deletes, hashes, extracts and converts attributes of resources. */
export const resource: ProcessorFactory<ResourceConfig> = {
  type: 'resource',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseResourceConfig,
  create: (config) => new ResourceProcessor(config),
};
