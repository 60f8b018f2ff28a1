import { setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteHistogram, WriteRequest, WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import type { PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import { seriesRuns, type WritePoint } from './write-points.js';

const NONE: readonly never[] = [];

/** Points as the content of a request of version 2; those of a series stand side by side. */
export function writeRequest(points: readonly WritePoint[]): WriteRequest {
  return { series: seriesRuns(points).map(seriesOf) };
}

function seriesOf(run: readonly WritePoint[]): WriteSeries {
  const { labels, metadata } = run[0]!.series;
  const histograms: WriteHistogram[] = [];
  let exemplars: PrometheusExemplar[] | null = null;
  let floats = 0;
  let starts = false;
  for (const { sample } of run) {
    if (sample.histogram === null) floats++;
    else histograms.push({ timeMs: sample.timeMs, startMs: sample.startMs, histogram: sample.stale ? null : sample.histogram });
    if (sample.exemplars.length > 0) exemplars = [...(exemplars ?? NONE), ...sample.exemplars];
    starts ||= sample.startMs !== 0 && sample.histogram === null;
  }
  const timesMs = new Float64Array(floats);
  const values = new Float64Array(floats);
  const startsMs = starts ? new Float64Array(floats) : null;
  let at = 0;
  for (const { sample } of run) {
    if (sample.histogram !== null) continue;
    timesMs[at] = sample.timeMs;
    values[at] = sample.value;
    if (sample.stale) setStale(values, at);
    if (startsMs !== null) startsMs[at] = sample.startMs;
    at++;
  }
  return { labels, timesMs, values, startsMs, histograms, exemplars: exemplars?.sort((a, b) => a.timeMs - b.timeMs) ?? NONE, metadata };
}
