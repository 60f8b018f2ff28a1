import type { ProbabilisticSamplerConfig } from './config.js';
import { ALWAYS, hashedThreshold, probabilityOf, thresholdOf, type Hex56 } from './threshold.js';

export type Mode = NonNullable<ProbabilisticSamplerConfig['mode']>;

export interface Sampling {
  readonly threshold: Hex56 | null;
  readonly randomness: Hex56 | null;
}

/** What comes of an item: dropped, or passed on with the threshold that it has by now (null: none is noted). */
export type Decision = { readonly sampled: false; readonly error: boolean } | { readonly sampled: true; readonly threshold: Hex56 | null };

export function modeFor(config: ProbabilisticSamplerConfig, signal: 'traces' | 'logs'): Mode {
  return config.mode ?? (config.hash_seed !== 0 || (signal === 'logs' && config.attribute_source === 'record') ? 'hash_seed' : 'proportional');
}

/** Answers the threshold for an item that arrives with another; null drops it. */
export function thresholdRule(config: ProbabilisticSamplerConfig, mode: Mode): (arriving: Hex56 | null) => Hex56 | null {
  const ratio = Math.min(1, config.sampling_percentage / 100);
  if (ratio === 0) return () => null;
  if (mode !== 'proportional') {
    const threshold = mode === 'hash_seed' ? hashedThreshold(config.sampling_percentage) : thresholdOf(ratio, config.sampling_precision);
    return () => threshold;
  }
  const fresh = thresholdOf(ratio, config.sampling_precision);
  return (arriving) => (arriving === null || arriving === ALWAYS ? fresh : thresholdOf(ratio * probabilityOf(arriving), config.sampling_precision));
}

/**
 * @param arriving of the item, null where it cannot be read
 * @param forced a threshold that takes precedence (priorities); 'never' drops
 */
export function decide(arriving: Sampling | null, rule: (arriving: Hex56 | null) => Hex56 | null, forced: Hex56 | 'never' | null, failClosed: boolean): Decision {
  const randomness = arriving?.randomness ?? null;
  // A threshold above the randomness is a lie: the item would not be here.
  const faulty = arriving === null || randomness === null || (arriving.threshold !== null && randomness < arriving.threshold);
  if (forced === 'never') return { sampled: false, error: false };
  if (faulty) {
    if (forced === ALWAYS || !failClosed) return { sampled: true, threshold: null };
    return { sampled: false, error: true };
  }
  const threshold = forced ?? rule(arriving.threshold);
  if (threshold === null || randomness < threshold) return { sampled: false, error: false };
  // A threshold only rises: what was sampled before stays known.
  return { sampled: true, threshold: arriving.threshold !== null && arriving.threshold > threshold ? arriving.threshold : threshold };
}
