import { setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { NativeHistogram, PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import { grown } from './grow.js';

/** What a sample is that is no float. */
export interface HistogramSample {
  /** Null is a stale marker. */
  readonly histogram: NativeHistogram | null;
  readonly exemplars: readonly PrometheusExemplar[];
}

const STALE: HistogramSample = { histogram: null, exemplars: [] };

/** Samples in the order in which they came, of series that are known by their numbers. */
export class SampleList {
  count = 0;
  series = new Int32Array(16);
  values = new Float64Array(16);
  /** Unix milliseconds. */
  times = new Float64Array(16);
  /** By the place of their sample in the list. */
  readonly exemplars = new Map<number, PrometheusExemplar>();
  /** By the place of their sample, whose value means nothing then. */
  readonly histograms = new Map<number, HistogramSample>();

  clear(): void {
    this.count = 0;
    this.exemplars.clear();
    this.histograms.clear();
  }

  push(series: number, timeMs: number, value: number): void {
    const at = this.count++;
    if (at >= this.series.length) {
      this.series = grown(this.series, this.count);
      this.values = grown(this.values, this.count);
      this.times = grown(this.times, this.count);
    }
    this.series[at] = series;
    this.times[at] = timeMs;
    this.values[at] = value;
  }

  pushStale(series: number, timeMs: number): void {
    this.push(series, timeMs, 0);
    setStale(this.values, this.count - 1);
  }

  /** A stale marker of a histogram. */
  pushStaleHistogram(series: number, timeMs: number): void {
    this.histograms.set(this.count, STALE);
    this.push(series, timeMs, 0);
  }
}
