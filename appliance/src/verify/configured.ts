import type { ConfiguredComponent, LoadedConfig } from '@signalbox/collector/config/loaded';
import type { WayIn } from './ways-in.js';

/** Ways in that the configuration's receivers make. */
export interface ConfiguredWays {
  readonly ways: readonly WayIn[];
  /** Receivers that nothing is sent to, and why; what is to be known of others. */
  readonly notes: readonly string[];
}

export const NO_WAYS: ConfiguredWays = { ways: [], notes: [] };

/** Receivers of a type that some pipeline has. */
export function usedReceivers(config: LoadedConfig, type: string): readonly ConfiguredComponent[] {
  return config.receivers.filter((receiver) => receiver.type === type && config.pipelines.some(({ receivers }) => receivers.includes(receiver.id)));
}

/** The processors of each pipeline behind a receiver. */
export function processorsBehind(config: LoadedConfig, receiver: string): readonly (readonly ConfiguredComponent[])[] {
  const pipelines = config.pipelines.filter(({ receivers }) => receivers.includes(receiver));
  return pipelines.map(({ processors }) => processors.flatMap((id) => config.processors.filter((each) => each.id === id)));
}
