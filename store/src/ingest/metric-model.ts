import { countItems } from '@signalbox/signals/otlp/count';
import type { MetricsData } from '@signalbox/signals/model/metric';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import type { PrometheusBatch, PrometheusSample } from '@signalbox/signals/prometheus/types';
import type { HotSamples } from '../hot/hot-samples.js';
import type { FrameOutcome } from './frames.js';

export const SERIES_LIMIT = 'series_limit';

/** Adds decoded data points to the hot part, as Prometheus samples. */
export function appendMetrics(hot: HotSamples, tenant: string, metrics: MetricsData, receivedNs: bigint): FrameOutcome {
  return appendSamples(hot, tenant, toPrometheus(metrics, { receivedNs }), countItems(metrics));
}

/** A data point whose samples would need more series than the tenant may have is dropped as a whole. */
export function appendSamples(hot: HotSamples, tenant: string, batch: PrometheusBatch, items: number): FrameOutcome {
  const dropped: Record<string, number> = {};
  const drop = (reason: string): void => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  for (const { reason } of batch.dropped) drop(reason);
  for (const metadata of batch.metadata) hot.addMetadata(tenant, metadata);
  const { samples } = batch;
  for (let from = 0; from < samples.length; ) {
    let to = from + 1;
    while (to < samples.length && samples[to].item === samples[from].item) to++;
    if (!appendItem(hot, tenant, samples.slice(from, to)) && samples[from].item >= 0) drop(SERIES_LIMIT);
    from = to;
  }
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return { delivered: items - lost, dropped };
}

function appendItem(hot: HotSamples, tenant: string, samples: readonly PrometheusSample[]): boolean {
  const ids = hot.seriesOf(tenant, samples.map((sample) => sample.labels));
  if (ids === null) return false;
  samples.forEach(({ timeMs, value, stale, startMs, histogram, exemplars }, i) => {
    hot.addSample(ids[i], timeMs, value, stale, startMs, histogram);
    for (const exemplar of exemplars) hot.addExemplar(ids[i], exemplar.timeMs, exemplar.value, exemplar.labels);
  });
  return true;
}
