import { TYPE_NUMBERS } from '@signalbox/signals/prometheus/remote-write/types';
import { writeHistogram } from '@signalbox/signals/prometheus/remote-write/write-histogram';
import { WriteWriter } from '@signalbox/signals/prometheus/remote-write/write-writer';
import type { PrometheusExemplar, PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import type { PointRange } from './points.js';
import { exemplarsOf } from './run-exemplars.js';
import { writeLabelsV1 } from './series.js';

/** A sample, and what the labels of its series take as a rule. */
const BYTES_PER_POINT = 160;

/** prometheus.WriteRequest (prompb/remote.proto, prompb/types.proto): every series with its labels spelled out, metadata beside them. */
export function encodeV1(range: PointRange): Uint8Array {
  const writer = new WriteWriter(1024 + range.length * BYTES_PER_POINT);
  const families = new Map<string, PrometheusMetadata>();
  for (let i = 0; i < range.length; i++) {
    const metadata = range.points.metadataOf(range.at(i));
    if (metadata !== null) families.set(metadata.said.name, metadata.said);
  }
  for (const metadata of families.values()) writeMetadata(writer, metadata);
  for (let to = range.length; to > 0; ) {
    const from = range.runBefore(to);
    writeSeries(writer, range, from, to);
    to = from;
  }
  return writer.finish();
}

function writeMetadata(writer: WriteWriter, { name, type, help, unit }: PrometheusMetadata): void {
  const end = writer.mark();
  if (unit !== '') writer.text(0x2a, unit); // 5 unit
  if (help !== '') writer.text(0x22, help); // 4 help
  writer.text(0x12, name); // 2 metric_family_name
  writer.int(0x08, TYPE_NUMBERS[type]); // 1 type
  writer.message(0x1a, end); // 3 metadata
}

/**
 * Prometheus takes a series' exemplars before its histograms, and none for a series that it does not know yet; so those
 * beside histograms follow as the same series once more.
 */
function writeSeries(writer: WriteWriter, range: PointRange, from: number, to: number): void {
  const { points } = range;
  const labels = points.table.labelsV1(points.seriesOf(range.at(from)));
  const exemplars = points.exemplars.size === 0 ? [] : exemplarsOf(range, from, to);
  let apart = false;
  if (points.histograms.size > 0 && exemplars.length > 0) {
    for (let i = from; i < to; i++) apart ||= points.histogramOf(range.at(i)) !== undefined;
  }
  if (apart) {
    const end = writer.mark();
    writeExemplars(writer, exemplars);
    writer.raw(labels);
    writer.message(0x0a, end); // 1 timeseries
  }
  const end = writer.mark();
  if (points.histograms.size > 0) {
    for (let i = to - 1; i >= from; i--) {
      const point = range.at(i);
      const histogram = points.histogramOf(point);
      // Version 1 knows no start.
      if (histogram !== undefined) writeHistogram(writer, 0x22, { timeMs: points.timeMs[point] as number, startMs: 0, histogram }); // 4 histograms
    }
  }
  if (!apart) writeExemplars(writer, exemplars);
  for (let i = to - 1; i >= from; i--) {
    const point = range.at(i);
    if (points.histogramOf(point) === undefined) writer.sample(points.timeMs, null, points.words, point);
  }
  writer.raw(labels);
  writer.message(0x0a, end); // 1 timeseries
}

function writeExemplars(writer: WriteWriter, exemplars: readonly PrometheusExemplar[]): void {
  for (let i = exemplars.length - 1; i >= 0; i--) {
    const exemplar = exemplars[i] as PrometheusExemplar;
    const end = writer.mark();
    writer.int(0x18, exemplar.timeMs); // 3 timestamp
    writer.double(0x11, exemplar.value); // 2 value
    writeLabelsV1(writer, exemplar.labels);
    writer.message(0x1a, end); // 3 exemplars
  }
}
