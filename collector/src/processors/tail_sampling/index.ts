import type { SamplerFactory } from '../../component.js';
import { parseTailSamplingConfig } from './config.js';
import { TailSampler } from './sampler.js';
import type { TailSamplingConfig } from './schema.js';

/** Keeps or drops whole traces, by policies that look at all their spans. */
export const tailSampling: SamplerFactory<TailSamplingConfig> = {
  type: 'tail_sampling',
  signals: ['traces'],
  gives: ['logs'],
  parseConfig: parseTailSamplingConfig,
  createSampler: (config, context) => new TailSampler(config, context),
};
