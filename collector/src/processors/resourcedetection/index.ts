import type { ProcessorFactory } from '../../component.js';
import { parseResourceDetectionConfig, type ResourceDetectionConfig } from './config.js';
import { thisMachine } from './machine.js';
import { ResourceDetectionProcessor } from './processor.js';

/** Adds what is known of the machine, the container and the pod to resources. */
export const resourcedetection: ProcessorFactory<ResourceDetectionConfig> = {
  type: 'resourcedetection',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseResourceDetectionConfig,
  create: (config, context) => new ResourceDetectionProcessor(config, context, thisMachine()),
};
