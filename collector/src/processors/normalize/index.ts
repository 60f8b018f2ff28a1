import type { ProcessorFactory } from '../../component.js';
import { parseNormalizeConfig, type NormalizeConfig } from './config.js';
import { NormalizeProcessor } from './processor.js';

/** Old names of the semantic conventions become those of today. */
export const normalize: ProcessorFactory<NormalizeConfig> = {
  type: 'normalize',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseNormalizeConfig,
  create: (config) => new NormalizeProcessor(config),
};
