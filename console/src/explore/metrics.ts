import type { MetricMetadata } from '../api/prometheus.js';

/** Names with all words of the text in them, wherever. */
export function found(names: readonly string[], text: string): readonly string[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return names.filter((name) => words.every((word) => name.toLowerCase().includes(word)));
}

/** What is known of a metric; parts of a histogram or summary are known by the name of the whole. */
export function describeMetric(name: string, metadata: ReadonlyMap<string, MetricMetadata>): MetricMetadata {
  return metadata.get(name) ?? metadata.get(name.replace(/_(?:bucket|count|sum|total)$/, '')) ?? { type: '', help: '' };
}
