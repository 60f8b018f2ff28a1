import type { ProcessorFactory } from '../../component.js';
import { parseTransformConfig, type TransformConfig } from './config.js';
import { TransformProcessor } from './processor.js';

/** Changes items by OTTL statements. */
export const transform: ProcessorFactory<TransformConfig> = {
  type: 'transform',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseTransformConfig,
  create: (config, context) => new TransformProcessor(config, context),
};
