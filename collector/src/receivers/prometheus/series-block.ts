import { halves } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import { WriteWriter } from '@signalbox/signals/prometheus/remote-write/write-writer';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import type { Labels, PrometheusExemplar, PrometheusType } from '@signalbox/signals/prometheus/types';
import { grown } from './grow.js';
import type { SampleList } from './sample-list.js';
import { TextTable } from './text-table.js';

/** Series of one frame at most. */
export const BLOCK_SERIES = 2000;

const TYPES: Readonly<Record<PrometheusType, number>> = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 };
/** Tag and length of the series and of its sample, the value with its tag, the time with its tag. */
const MAX_SAMPLE_BYTES = 1 + 5 + 2 + 9 + 11;

export type SeriesMetadata = WriteSeries['metadata'];

/**
 * Series of a target as they stand in a frame (io.prometheus.write.v2.Request): labels and metadata are encoded once, and so are the
 * symbols; what a scrape adds are values and times.
 */
export class SeriesBlock {
  readonly #symbols = new TextTable();
  #encodedSymbols: Uint8Array | null = null;
  /** Fields 1 (labels_refs) and 5 (metadata) of each series, one behind the other. */
  #fixed = Buffer.allocUnsafeSlow(1024);
  #ends = new Int32Array(16);
  #size = 0;

  constructor() {
    this.#symbols.add(Buffer.alloc(0));
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the series in the block. */
  add(labels: Labels, metadata: SeriesMetadata): number {
    const writer = new WriteWriter(256);
    if (metadata !== null) {
      const end = writer.mark();
      if (metadata.unit !== '') writer.int(0x20, this.#ref(metadata.unit)); // 4 unit_ref
      if (metadata.help !== '') writer.int(0x18, this.#ref(metadata.help)); // 3 help_ref
      writer.int(0x08, TYPES[metadata.type]); // 1 type
      writer.message(0x2a, end); // 5 metadata
    }
    writeLabels(writer, labels, (text) => this.#ref(text));
    const bytes = writer.finish();
    const number = this.#size++;
    const start = this.#startOf(number);
    const end = start + bytes.length;
    if (end > this.#fixed.length) this.#fixed = Buffer.concat([this.#fixed.subarray(0, start)], Math.max(end, (this.#fixed.length * 3) >> 1));
    this.#fixed.set(bytes, start);
    this.#ends = grown(this.#ends, this.#size);
    this.#ends[number] = end;
    return number;
  }

  /** A frame of those samples whose series are of this block; `first` is the number that its first series has in the list. */
  frame(samples: SampleList, first: number): { readonly payload: Uint8Array; readonly items: number } | null {
    const { count, series, values, times } = samples;
    const fixed = this.#fixed;
    const symbols = (this.#encodedSymbols ??= this.#encodeSymbols());
    const { bySample, symbols: further } = this.#exemplars(samples, first);
    let bound = symbols.length + further.length;
    let items = 0;
    for (let i = 0; i < count; i++) {
      const number = series[i]! - first;
      if (number < 0 || number >= this.#size) continue;
      items++;
      bound += this.#ends[number]! - this.#startOf(number) + MAX_SAMPLE_BYTES;
    }
    if (items === 0) return null;
    for (const exemplar of bySample.values()) bound += exemplar.length;
    const out = Buffer.allocUnsafeSlow(bound);
    const view = new DataView(out.buffer, out.byteOffset, out.length);
    out.set(symbols, 0);
    out.set(further, symbols.length);
    let at = symbols.length + further.length;
    for (let i = 0; i < count; i++) {
      const number = series[i]! - first;
      if (number < 0 || number >= this.#size) continue;
      const end = this.#ends[number]!;
      const start = this.#startOf(number);
      const exemplar = bySample.size === 0 ? undefined : bySample.get(i);
      const sampleBytes = 10 + varintBytes(times[i]!);
      out[at] = 0x2a; // 5 timeseries
      at = putVarint(out, at + 1, end - start + 2 + sampleBytes + (exemplar?.length ?? 0));
      for (let from = start; from < end; from++, at++) out[at] = fixed[from]!;
      out[at] = 0x12; // 2 samples
      out[at + 1] = sampleBytes;
      out[at + 2] = 0x09; // 1 value
      const value = values[i]!;
      if (value === value) view.setFloat64(at + 3, value, true);
      else {
        const [low, high] = halves(values, i);
        view.setUint32(at + 3, low, true);
        view.setUint32(at + 7, high, true);
      }
      out[at + 11] = 0x10; // 2 timestamp
      at = putVarint(out, at + 12, times[i]!);
      if (exemplar) {
        out.set(exemplar, at);
        at += exemplar.length;
      }
    }
    return { payload: out.subarray(0, at), items };
  }

  /** Exemplars as fields of their series, and the symbols that they need beyond those there are. */
  #exemplars(samples: SampleList, first: number): { readonly bySample: ReadonlyMap<number, Uint8Array>; readonly symbols: Uint8Array } {
    const bySample = new Map<number, Uint8Array>();
    if (samples.exemplars.size === 0) return { bySample, symbols: NOTHING };
    const further = new Map<string, number>();
    const ref = (text: string): number => {
      const bytes = Buffer.from(text);
      const known = this.#symbols.find(bytes, 0, bytes.length);
      if (known >= 0) return known;
      const number = further.get(text) ?? this.#symbols.size + further.size;
      further.set(text, number);
      return number;
    };
    for (const [i, exemplar] of samples.exemplars) {
      const number = samples.series[i]! - first;
      if (number >= 0 && number < this.#size) bySample.set(i, encodeExemplar(exemplar, ref));
    }
    return { bySample, symbols: encodeTexts([...further.keys()].map((text) => Buffer.from(text))) };
  }

  #ref(text: string): number {
    this.#encodedSymbols = null;
    return this.#symbols.add(Buffer.from(text));
  }

  #encodeSymbols(): Uint8Array {
    return encodeTexts(Array.from({ length: this.#symbols.size }, (_, i) => this.#symbols.bytes(i)));
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }
}

const NOTHING = new Uint8Array(0);

function writeLabels(writer: WriteWriter, labels: Labels, ref: (text: string) => number): void {
  const end = writer.mark();
  for (let i = labels.length - 1; i >= 0; i--) {
    const [name, value] = labels[i]!;
    writer.varint(ref(value));
    writer.varint(ref(name));
  }
  writer.message(0x0a, end); // 1 labels_refs
}

function encodeExemplar({ labels, value, timeMs }: PrometheusExemplar, ref: (text: string) => number): Uint8Array {
  const writer = new WriteWriter(128);
  const end = writer.mark();
  writer.int(0x18, timeMs); // 3 timestamp
  writer.double(0x11, value); // 2 value
  writeLabels(writer, labels, ref);
  writer.message(0x22, end); // 4 exemplars
  return writer.finish();
}

/** Field 4 (symbols) of a request, once for each text. */
function encodeTexts(texts: readonly Uint8Array[]): Uint8Array {
  const out = Buffer.allocUnsafeSlow(texts.reduce((sum, { length }) => sum + 6 + length, 0));
  let at = 0;
  for (const text of texts) {
    out[at] = 0x22;
    at = putVarint(out, at + 1, text.length);
    out.set(text, at);
    at += text.length;
  }
  return out.subarray(0, at);
}

/** A whole number of at most 2^53; a negative one takes ten bytes, as the wire format has it. Answers the place behind it. */
function putVarint(out: Uint8Array, from: number, value: number): number {
  let at = from;
  let low = value >>> 0;
  let high = Math.floor(value / 2 ** 32) >>> 0;
  for (; high > 0 || low >= 0x80; at++) {
    out[at] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  out[at] = low;
  return at + 1;
}

function varintBytes(value: number): number {
  if (value < 0) return 10;
  const high = Math.floor(value / 2 ** 32);
  return high === 0 ? Math.max(1, Math.ceil((32 - Math.clz32(value)) / 7)) : Math.ceil((64 - Math.clz32(high)) / 7);
}
