import type { ProcessorFactory } from '../../component.js';
import { parseProbabilisticSamplerConfig, type ProbabilisticSamplerConfig } from './config.js';
import { ProbabilisticSampler } from './processor.js';

/** Passes a share of what comes, consistently by trace. */
export const probabilisticSampler: ProcessorFactory<ProbabilisticSamplerConfig> = {
  type: 'probabilistic_sampler',
  signals: ['traces', 'logs'],
  parseConfig: parseProbabilisticSamplerConfig,
  create: (config) => new ProbabilisticSampler(config),
};
