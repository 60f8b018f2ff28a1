import type { ProcessorFactory } from '../../component.js';
import { parseDeltaToCumulativeConfig, type DeltaToCumulativeConfig } from './config.js';
import { DeltaToCumulative } from './processor.js';

/** Delta metrics become cumulative. */
export const deltatocumulative: ProcessorFactory<DeltaToCumulativeConfig> = {
  type: 'deltatocumulative',
  signals: ['metrics'],
  parseConfig: parseDeltaToCumulativeConfig,
  create: (config, context) => new DeltaToCumulative(config, context),
};
