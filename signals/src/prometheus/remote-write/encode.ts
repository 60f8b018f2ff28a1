import type { Labels, PrometheusExemplar } from '../types.js';
import { bitsOf } from './sample-bits.js';
import { TYPE_NUMBERS, type WriteRequest, type WriteSeries } from './types.js';
import { writeHistogram } from './write-histogram.js';
import { WriteWriter } from './write-writer.js';

const INITIAL_BYTES = 16 * 1024;

/** io.prometheus.write.v2.Request, not compressed: the payload of a frame of Prometheus samples. */
export function encodeWriteV2(request: WriteRequest): Uint8Array {
  const writer = new WriteWriter(INITIAL_BYTES);
  const symbols = new Symbols();
  for (let i = request.series.length - 1; i >= 0; i--) writeSeries(writer, request.series[i], symbols);
  for (let i = symbols.texts.length - 1; i >= 0; i--) writer.text(0x22, symbols.texts[i]); // 4 symbols
  return writer.finish();
}

/** Texts by their number; number 0 is the empty one. */
class Symbols {
  readonly texts: string[] = [''];
  private readonly refs = new Map<string, number>([['', 0]]);

  ref(text: string): number {
    const known = this.refs.get(text);
    if (known !== undefined) return known;
    const ref = this.texts.length;
    this.refs.set(text, ref);
    this.texts.push(text);
    return ref;
  }
}

function writeSeries(writer: WriteWriter, { labels, timesMs, values, startsMs, histograms, exemplars, metadata }: WriteSeries, symbols: Symbols): void {
  const end = writer.mark();
  if (metadata !== null) {
    const metadataEnd = writer.mark();
    if (metadata.unit !== '') writer.int(0x20, symbols.ref(metadata.unit)); // 4 unit_ref
    if (metadata.help !== '') writer.int(0x18, symbols.ref(metadata.help)); // 3 help_ref
    writer.int(0x08, TYPE_NUMBERS[metadata.type]); // 1 type
    writer.message(0x2a, metadataEnd); // 5 metadata
  }
  for (let i = exemplars.length - 1; i >= 0; i--) writeExemplar(writer, exemplars[i], symbols);
  for (let i = histograms.length - 1; i >= 0; i--) writeHistogram(writer, 0x1a, histograms[i]); // 3 histograms
  const words = bitsOf(values);
  for (let i = timesMs.length - 1; i >= 0; i--) writer.sample(timesMs, startsMs, words, i); // 2 samples
  writeLabels(writer, labels, symbols);
  writer.message(0x2a, end); // 5 timeseries
}

function writeExemplar(writer: WriteWriter, { labels, value, timeMs }: PrometheusExemplar, symbols: Symbols): void {
  const end = writer.mark();
  writer.int(0x18, timeMs); // 3 timestamp
  writer.double(0x11, value); // 2 value
  writeLabels(writer, labels, symbols);
  writer.message(0x22, end); // 4 exemplars
}

function writeLabels(writer: WriteWriter, labels: Labels, symbols: Symbols): void {
  const end = writer.mark();
  for (let i = labels.length - 1; i >= 0; i--) {
    const [name, value] = labels[i];
    writer.varint(symbols.ref(value));
    writer.varint(symbols.ref(name));
  }
  writer.message(0x0a, end); // 1 labels_refs
}
