import { isStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteRequest, WriteSeries as FrameSeries } from '@signalbox/signals/prometheus/remote-write/types';
import type { Labels, NativeHistogram, PrometheusMetadata, PrometheusSample } from '@signalbox/signals/prometheus/types';

/** A sample that came as one of Prometheus'. */
export interface PassedSample {
  readonly sample: PrometheusSample;
  readonly metadata: PrometheusMetadata | null;
}

const NO_BUCKETS = { offsets: new Int32Array(0), counts: new Float64Array(0) };

/** What stands for a native histogram that is gone: its sum is the stale marker. */
const STALE_HISTOGRAM: NativeHistogram = { schema: 0, zeroThreshold: 0, zeroCount: 0, count: 0, sum: 0, positive: NO_BUCKETS, negative: NO_BUCKETS, customBounds: null, counterReset: 'unknown' };

/**
 * The samples of a frame that holds Prometheus' own, as they are: names, types, stale markers, custom buckets. Series by series,
 * floats first, as such a frame's items are numbered. A series' exemplars go with its first sample.
 */
export function* passedSamples(request: WriteRequest, externalLabels: Readonly<Record<string, string>> = {}): Generator<PassedSample> {
  let item = 0;
  for (const series of request.series) {
    const labels = withExternal(series.labels, externalLabels);
    const metadata = series.metadata === null ? null : { name: familyName(series), ...series.metadata };
    let { exemplars } = series;
    for (let i = 0; i < series.timesMs.length; i++) {
      const sample = { labels, timeMs: series.timesMs[i] ?? 0, value: series.values[i] ?? 0, stale: isStale(series.values, i), histogram: null, startMs: series.startsMs?.[i] ?? 0, exemplars, item: item++ };
      exemplars = [];
      yield { sample, metadata };
    }
    for (const { timeMs, histogram, startMs } of series.histograms) {
      const sample = { labels, timeMs, value: 0, stale: histogram === null, histogram: histogram ?? STALE_HISTOGRAM, startMs, exemplars, item: item++ };
      exemplars = [];
      yield { sample, metadata };
    }
  }
}

/** Labels that the series has stay. */
function withExternal(labels: Labels, externalLabels: Readonly<Record<string, string>>): Labels {
  const missing = Object.entries(externalLabels).filter(([name, value]) => value !== '' && !labels.some(([known]) => known === name));
  if (missing.length === 0) return labels;
  return [...labels, ...missing].sort(([a], [b]) => (a < b ? -1 : 1));
}

function familyName({ labels, metadata }: FrameSeries): string {
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
  return metadata?.type === 'histogram' || metadata?.type === 'summary' ? name.replace(/_(?:bucket|sum|count)$/, '') : name;
}
