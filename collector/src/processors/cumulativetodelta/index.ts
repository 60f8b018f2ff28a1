import type { ProcessorFactory } from '../../component.js';
import { parseCumulativeToDeltaConfig, type CumulativeToDeltaConfig } from './config.js';
import { CumulativeToDelta } from './processor.js';

/** Cumulative metrics become deltas. */
export const cumulativetodelta: ProcessorFactory<CumulativeToDeltaConfig> = {
  type: 'cumulativetodelta',
  signals: ['metrics'],
  parseConfig: parseCumulativeToDeltaConfig,
  create: (config, context) => new CumulativeToDelta(config, context),
};
