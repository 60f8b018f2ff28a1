import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { STALE_NAN_BITS, type Labels, type PrometheusExemplar, type PrometheusMetadata, type PrometheusSample, type PrometheusType } from '@signalbox/signals/prometheus/types';
import { writeHistogram } from './write-histogram.js';
import { seriesRuns, type WritePoint } from './write-points.js';

const TYPES: Readonly<Record<PrometheusType, number>> = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 };

/** prometheus.WriteRequest (prompb/remote.proto, prompb/types.proto): every series with its labels spelled out, metadata beside them. */
export function encodeV1(points: readonly WritePoint[]): Uint8Array {
  const writer = new Writer();
  const runs = seriesRuns(points);
  const families = new Map<string, PrometheusMetadata>();
  for (const [point] of runs) {
    if (point !== undefined && point.series.metadata !== null) families.set(point.series.metadata.name, point.series.metadata);
  }
  for (const metadata of families.values()) writeMetadata(writer, metadata);
  for (let i = runs.length - 1; i >= 0; i--) writeSeries(writer, runs[i] as readonly WritePoint[]);
  return writer.finish();
}

function writeMetadata(writer: Writer, metadata: PrometheusMetadata): void {
  const end = writer.mark();
  writer.string(0x2a, metadata.unit); // 5 unit
  writer.string(0x22, metadata.help); // 4 help
  writer.string(0x12, metadata.name); // 2 metric_family_name
  writer.uint32(0x08, TYPES[metadata.type]); // 1 type
  writer.message(0x1a, end); // 3 metadata
}

/**
 * Prometheus takes a series' exemplars before its histograms, and none for a series that it does not know yet; so those
 * beside histograms follow as the same series once more.
 */
function writeSeries(writer: Writer, run: readonly WritePoint[]): void {
  const series = run[0]?.series;
  if (series === undefined) return;
  const histograms = run.filter(({ sample }) => sample.histogram !== null);
  const exemplars = run.flatMap(({ sample }) => sample.exemplars).sort((a, b) => a.timeMs - b.timeMs);
  const apart = histograms.length > 0 && exemplars.length > 0;
  if (apart) {
    const end = writer.mark();
    writeExemplars(writer, exemplars);
    writeLabels(writer, series.labels);
    writer.message(0x0a, end); // 1 timeseries
  }
  const end = writer.mark();
  for (let i = histograms.length - 1; i >= 0; i--) {
    const { sample } = histograms[i] as WritePoint;
    if (sample.histogram !== null) writeHistogram(writer, 0x22, sample, sample.histogram); // 4 histograms
  }
  if (!apart) writeExemplars(writer, exemplars);
  for (let i = run.length - 1; i >= 0; i--) {
    const { sample } = run[i] as WritePoint;
    if (sample.histogram === null) writeSample(writer, sample);
  }
  writeLabels(writer, series.labels);
  writer.message(0x0a, end); // 1 timeseries
}

function writeLabels(writer: Writer, labels: Labels): void {
  for (let i = labels.length - 1; i >= 0; i--) {
    const [name, value] = labels[i] as Labels[number];
    const end = writer.mark();
    writer.string(0x12, value); // 2 value
    writer.string(0x0a, name); // 1 name
    writer.message(0x0a, end); // 1 labels
  }
}

function writeSample(writer: Writer, sample: PrometheusSample): void {
  const end = writer.mark();
  writer.setInt64(0x10, BigInt(sample.timeMs)); // 2 timestamp
  if (sample.stale) writer.setFixed64(0x09, STALE_NAN_BITS); // 1 value
  else writer.setDouble(0x09, sample.value);
  writer.message(0x12, end); // 2 samples
}

function writeExemplars(writer: Writer, exemplars: readonly PrometheusExemplar[]): void {
  for (let i = exemplars.length - 1; i >= 0; i--) {
    const exemplar = exemplars[i] as PrometheusExemplar;
    const end = writer.mark();
    writer.setInt64(0x18, BigInt(exemplar.timeMs)); // 3 timestamp
    writer.setDouble(0x11, exemplar.value); // 2 value
    writeLabels(writer, exemplar.labels);
    writer.message(0x1a, end); // 3 exemplars
  }
}
