import { writeHistogram } from '@signalbox/signals/prometheus/remote-write/write-histogram';
import { WriteWriter } from '@signalbox/signals/prometheus/remote-write/write-writer';
import { TYPE_NUMBERS } from '@signalbox/signals/prometheus/remote-write/types';
import type { PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import type { PointRange } from './points.js';
import type { Symbols } from './symbols.js';
import { exemplarsOf } from './run-exemplars.js';

/** A sample with its start, and what its series takes at the least. */
const BYTES_PER_POINT = 48;

/** io.prometheus.write.v2.Request: symbols, and each series with references to them. */
export function encodeV2(range: PointRange): Uint8Array {
  const { points } = range;
  const { symbols } = points.table;
  const writer = new WriteWriter(1024 + range.length * BYTES_PER_POINT);
  symbols.begin();
  for (let to = range.length; to > 0; ) {
    const from = range.runBefore(to);
    writeSeries(writer, range, from, to, symbols);
    to = from;
  }
  symbols.write(writer);
  return writer.finish();
}

/** Callers write from the end to the beginning. */
function writeSeries(writer: WriteWriter, range: PointRange, from: number, to: number, symbols: Symbols): void {
  const { points } = range;
  const end = writer.mark();
  const first = range.at(from);
  const metadata = points.metadataOf(first);
  if (metadata !== null) {
    const metadataEnd = writer.mark();
    if (metadata.unit !== 0) writer.int(0x20, symbols.ref(metadata.unit)); // 4 unit_ref
    if (metadata.help !== 0) writer.int(0x18, symbols.ref(metadata.help)); // 3 help_ref
    writer.int(0x08, TYPE_NUMBERS[metadata.said.type]); // 1 type
    writer.message(0x2a, metadataEnd); // 5 metadata
  }
  if (points.exemplars.size > 0) {
    const exemplars = exemplarsOf(range, from, to);
    for (let i = exemplars.length - 1; i >= 0; i--) writeExemplar(writer, exemplars[i] as PrometheusExemplar, symbols);
  }
  if (points.histograms.size > 0) {
    for (let i = to - 1; i >= from; i--) {
      const point = range.at(i);
      const histogram = points.histogramOf(point);
      if (histogram !== undefined) writeHistogram(writer, 0x1a, { timeMs: points.timeMs[point] as number, startMs: points.startMs[point] as number, histogram }); // 3 histograms
    }
  }
  for (let i = to - 1; i >= from; i--) {
    const point = range.at(i);
    if (points.histogramOf(point) === undefined) writer.sample(points.timeMs, points.startMs, points.words, point);
  }
  points.table.writeRefs(writer, points.seriesOf(first));
  writer.message(0x2a, end); // 5 timeseries
}

function writeExemplar(writer: WriteWriter, { labels, value, timeMs }: PrometheusExemplar, symbols: Symbols): void {
  const end = writer.mark();
  writer.int(0x18, timeMs); // 3 timestamp
  writer.double(0x11, value); // 2 value
  const labelsEnd = writer.mark();
  for (let i = labels.length - 1; i >= 0; i--) {
    const [name, text] = labels[i] as (typeof labels)[number];
    writer.varint(symbols.refOf(text));
    writer.varint(symbols.refOf(name));
  }
  writer.message(0x0a, labelsEnd); // 1 labels_refs
  writer.message(0x22, end); // 4 exemplars
}
