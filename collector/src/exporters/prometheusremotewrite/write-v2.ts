import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { STALE_NAN_BITS, type Labels, type PrometheusExemplar, type PrometheusSample, type PrometheusType } from '@signalbox/signals/prometheus/types';
import { packedVarints } from './packed.js';
import { writeHistogram } from './write-histogram.js';
import { seriesRuns, type WritePoint } from './write-points.js';

const TYPES: Readonly<Record<PrometheusType, number>> = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 };

/** io.prometheus.write.v2.Request (prompb/io/prometheus/write/v2/types.proto): labels are numbers in a table of symbols. */
export function encodeV2(points: readonly WritePoint[]): Uint8Array {
  const writer = new Writer();
  const symbols = new Map<string, number>([['', 0]]);
  const ref = (text: string): number => {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    symbols.set(text, symbols.size);
    return symbols.size - 1;
  };
  const refs = (labels: Labels): Uint8Array => packedVarints(labels.flatMap(([name, value]) => [ref(name), ref(value)]));

  const runs = seriesRuns(points);
  for (let i = runs.length - 1; i >= 0; i--) writeSeries(writer, runs[i] as readonly WritePoint[], ref, refs);
  const texts = [...symbols.keys()];
  for (let i = texts.length - 1; i >= 0; i--) writer.setString(0x22, texts[i] as string); // 4 symbols
  return writer.finish();
}

function writeSeries(writer: Writer, run: readonly WritePoint[], ref: (text: string) => number, refs: (labels: Labels) => Uint8Array): void {
  const series = run[0]?.series;
  if (series === undefined) return;
  const end = writer.mark();
  if (series.metadata !== null) {
    const metadataEnd = writer.mark();
    writer.uint32(0x20, ref(series.metadata.unit)); // 4 unit_ref
    writer.uint32(0x18, ref(series.metadata.help)); // 3 help_ref
    writer.uint32(0x08, TYPES[series.metadata.type]); // 1 type
    writer.message(0x2a, metadataEnd); // 5 metadata
  }
  const exemplars = run.flatMap(({ sample }) => sample.exemplars).sort((a, b) => a.timeMs - b.timeMs);
  for (let i = exemplars.length - 1; i >= 0; i--) writeExemplar(writer, exemplars[i] as PrometheusExemplar, refs);
  for (let i = run.length - 1; i >= 0; i--) {
    const { sample } = run[i] as WritePoint;
    if (sample.histogram !== null) writeHistogram(writer, 0x1a, sample, sample.histogram, true); // 3 histograms
  }
  for (let i = run.length - 1; i >= 0; i--) {
    const { sample } = run[i] as WritePoint;
    if (sample.histogram === null) writeSample(writer, sample);
  }
  writer.setBytes(0x0a, refs(series.labels)); // 1 labels_refs
  writer.message(0x2a, end); // 5 timeseries
}

function writeSample(writer: Writer, sample: PrometheusSample): void {
  const end = writer.mark();
  if (sample.startMs !== 0) writer.setInt64(0x18, BigInt(sample.startMs)); // 3 start_timestamp
  writer.setInt64(0x10, BigInt(sample.timeMs)); // 2 timestamp
  if (sample.stale) writer.setFixed64(0x09, STALE_NAN_BITS); // 1 value
  else writer.setDouble(0x09, sample.value);
  writer.message(0x12, end); // 2 samples
}

function writeExemplar(writer: Writer, exemplar: PrometheusExemplar, refs: (labels: Labels) => Uint8Array): void {
  const end = writer.mark();
  writer.setInt64(0x18, BigInt(exemplar.timeMs)); // 3 timestamp
  writer.setDouble(0x11, exemplar.value); // 2 value
  writer.setBytes(0x0a, refs(exemplar.labels)); // 1 labels_refs
  writer.message(0x22, end); // 4 exemplars
}
