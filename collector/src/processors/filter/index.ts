import type { ProcessorFactory } from '../../component.js';
import { parseFilterConfig, type FilterConfig } from './config.js';
import { FilterProcessor } from './processor.js';

/** Drops what OTTL conditions hold for. */
export const filter: ProcessorFactory<FilterConfig> = {
  type: 'filter',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseFilterConfig,
  create: (config, context) => new FilterProcessor(config, context),
};
