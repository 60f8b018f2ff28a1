import type { MetricsData } from '@signalbox/signals/model/metric';
import { isStale, setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import { toOtlpMetrics } from '@signalbox/signals/prometheus/remote-write/to-otlp';
import type { WriteRequest, WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import type { SignalData } from '../../component.js';

/** Prometheus samples; most readers take them as they are, so they become OTLP metrics only when somebody asks for those. */
class SampleData {
  readonly signal = 'metrics';
  #metrics: MetricsData | null = null;

  constructor(readonly prometheus: WriteRequest) {}

  get metrics(): MetricsData {
    return (this.#metrics ??= toOtlpMetrics(this.prometheus));
  }
}

/** A part's data of a frame of Prometheus samples. */
export function sampleData(write: WriteRequest): SignalData {
  return new SampleData(write);
}

/**
 * Some of the samples, asked for one by one in the order of items: series by series, floats first. Series left empty are gone. A
 * series' exemplars go with its first sample, as the exporters send them.
 */
export function selectSamples(write: WriteRequest, wanted: () => boolean): WriteRequest {
  const series: WriteSeries[] = [];
  for (const one of write.series) {
    const kept: number[] = [];
    for (let i = 0; i < one.timesMs.length; i++) if (wanted()) kept.push(i);
    const histograms = one.histograms.filter(wanted);
    if (kept.length === 0 && histograms.length === 0) continue;
    const withFirst = one.timesMs.length > 0 ? kept[0] === 0 : histograms[0] === one.histograms[0];
    series.push({ ...one, ...floatsAt(one, kept), histograms, exemplars: withFirst ? one.exemplars : [] });
  }
  return { series };
}

function floatsAt({ timesMs, values, startsMs }: WriteSeries, kept: readonly number[]): Pick<WriteSeries, 'timesMs' | 'values' | 'startsMs'> {
  if (kept.length === timesMs.length) return { timesMs, values, startsMs };
  const some = new Float64Array(kept.length);
  kept.forEach((from, to) => {
    if (isStale(values, from)) setStale(some, to);
    else some[to] = values[from]!;
  });
  return { timesMs: Float64Array.from(kept, (i) => timesMs[i]!), values: some, startsMs: startsMs && Float64Array.from(kept, (i) => startsMs[i]!) };
}
