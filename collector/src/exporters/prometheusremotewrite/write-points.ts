import { toPrometheus, type TranslateOptions } from '@signalbox/signals/prometheus/translate';
import type { Labels, PrometheusMetadata, PrometheusSample } from '@signalbox/signals/prometheus/types';
import type { Batch } from '../../component.js';
import { passedSamples } from './passed-points.js';

/** A series of a batch; one object for all of its points. */
export interface WriteSeries {
  readonly labels: Labels;
  readonly metadata: PrometheusMetadata | null;
}

/** One sample on its way. */
export interface WritePoint {
  readonly series: WriteSeries;
  readonly sample: PrometheusSample;
  /** Number of its data point in the batch, or -1 for target_info. */
  readonly item: number;
}

export interface WritePoints {
  /** Series by series, each in order of time, as the protocol wants it. */
  readonly points: readonly WritePoint[];
  readonly dropped: readonly { readonly item: number; readonly reason: string }[];
}

/** All data points of a batch as samples; frames of Prometheus samples as they came. A sample that says what the one before it said, at the same time, is left out. */
export function writePoints(batch: Batch, options: TranslateOptions): WritePoints {
  const bySeries = new Map<string, { readonly series: WriteSeries; readonly points: WritePoint[] }>();
  const dropped: { item: number; reason: string }[] = [];
  let first = 0;
  const add = (sample: PrometheusSample, metadata: (labels: Labels) => PrometheusMetadata | null): void => {
    const key = seriesKey(sample.labels);
    let entry = bySeries.get(key);
    if (entry === undefined) {
      entry = { series: { labels: sample.labels, metadata: metadata(sample.labels) }, points: [] };
      bySeries.set(key, entry);
    }
    entry.points.push({ series: entry.series, sample, item: sample.item < 0 ? -1 : first + sample.item });
  };
  for (const part of batch.parts) {
    if (part.data.signal !== 'metrics') continue;
    if (part.data.prometheus) {
      for (const { sample, metadata } of passedSamples(part.data.prometheus, options.externalLabels)) add(sample, () => metadata);
    } else {
      const translated = toPrometheus(part.data.metrics, { ...options, receivedNs: part.receivedNs });
      const families = new Map(translated.metadata.map((metadata) => [metadata.name, metadata]));
      for (const sample of translated.samples) add(sample, (labels) => metadataOf(labels, families));
      for (const { item, reason } of translated.dropped) dropped.push({ item: first + item, reason });
    }
    first += part.items;
  }
  const points: WritePoint[] = [];
  for (const entry of bySeries.values()) {
    entry.points.sort((a, b) => a.sample.timeMs - b.sample.timeMs);
    for (const point of entry.points) {
      const before = points.at(-1);
      if (before === undefined || !repeats(before, point)) points.push(point);
    }
  }
  return { points, dropped };
}

/** Cuts points into runs of at most so many bytes, as estimated. */
export function* requestsOf(points: readonly WritePoint[], maxBytes: number): Generator<readonly WritePoint[]> {
  let from = 0;
  let bytes = 0;
  for (const [i, point] of points.entries()) {
    const size = pointBytes(point) + (i === from || points[i - 1]?.series !== point.series ? seriesBytes(point.series) : 0);
    if (i > from && bytes + size > maxBytes) {
      yield points.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < points.length) yield points.slice(from);
}

/** Runs of points of the same series. */
export function seriesRuns(points: readonly WritePoint[]): (readonly WritePoint[])[] {
  const runs: WritePoint[][] = [];
  for (const point of points) {
    const last = runs.at(-1);
    if (last !== undefined && last[0]?.series === point.series) last.push(point);
    else runs.push([point]);
  }
  return runs;
}

function repeats(before: WritePoint, point: WritePoint): boolean {
  const [a, b] = [before.sample, point.sample];
  return before.series === point.series && a.timeMs === b.timeMs && a.stale === b.stale && a.histogram === null && b.histogram === null && (a.stale || Object.is(a.value, b.value));
}

function seriesKey(labels: Labels): string {
  let key = '';
  for (const [name, value] of labels) key += `${name}\u0000${value}\u0000`;
  return key;
}

function metadataOf(labels: Labels, families: ReadonlyMap<string, PrometheusMetadata>): PrometheusMetadata | null {
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
  return families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, '')) ?? null;
}

const SAMPLE_BYTES = 24;
const BUCKET_BYTES = 4;
const PAIR_BYTES = 6;

function pointBytes({ sample }: WritePoint): number {
  const buckets = sample.histogram === null ? 0 : sample.histogram.positive.offsets.length + sample.histogram.negative.offsets.length;
  return SAMPLE_BYTES + buckets * BUCKET_BYTES + sample.exemplars.reduce((sum, exemplar) => sum + SAMPLE_BYTES + labelBytes(exemplar.labels), 0);
}

function seriesBytes(series: WriteSeries): number {
  return labelBytes(series.labels) + (series.metadata === null ? 0 : PAIR_BYTES + series.metadata.help.length);
}

function labelBytes(labels: Labels): number {
  return labels.reduce((sum, [name, value]) => sum + name.length + value.length + PAIR_BYTES, 0);
}
