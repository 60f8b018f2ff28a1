import { halves } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import { writeHistogram } from '@signalbox/signals/prometheus/remote-write/write-histogram';
import { WriteWriter } from '@signalbox/signals/prometheus/remote-write/write-writer';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import type { Labels, PrometheusExemplar, PrometheusType } from '@signalbox/signals/prometheus/types';
import type { BufferPool } from '../fetching/buffer-pool.js';
import { grown } from './grow.js';
import type { HistogramSample, SampleList } from './sample-list.js';
import type { TextTable } from './text-table.js';

/** Series of one frame at most. */
export const BLOCK_SERIES = 2000;

const TYPES: Readonly<Record<PrometheusType, number>> = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 };
/** Tag and length of the series and of its sample, the value with its tag, the time with its tag. */
const MAX_SAMPLE_BYTES = 1 + 5 + 2 + 9 + 11;

export type SeriesMetadata = WriteSeries['metadata'];

/** Metadata whose texts are symbols. */
export interface EncodedMetadata {
  readonly type: PrometheusType;
  readonly help: number;
  readonly unit: number;
}

/** What is to be appended. `buffer`, of which the payload is a part, goes back to the pool once it is on disk. */
export interface Frame {
  readonly payload: Uint8Array;
  readonly buffer: Buffer;
  readonly items: number;
}

/**
 * Series of a target as they stand in a frame (io.prometheus.write.v2.Request): labels and metadata are encoded once, and so are the
 * symbols; what a scrape adds are values and times.
 */
export class SeriesBlock {
  /** Of the whole table; those of a frame are numbered in their own order. */
  readonly #symbols: TextTable;
  /** By number in the table: the one in the block + 1, 0 where the block has it not. */
  #refs = new Int32Array(64);
  /** By number in the block: the one in the table. Number 0 is the empty text. */
  #texts = new Int32Array(64);
  #textCount = 1;
  #encodedSymbols: Uint8Array | null = null;
  /** Fields 1 (labels_refs) and 5 (metadata) of each series, one behind the other. */
  #fixed = Buffer.allocUnsafeSlow(1024);
  #ends = new Int32Array(16);
  #size = 0;

  constructor(symbols: TextTable) {
    this.#symbols = symbols;
  }

  /** @param labels numbers of the symbols of name, value, name, value… */
  add(labels: readonly number[], metadata: EncodedMetadata | null): void {
    const refs = labels.map((symbol) => this.#ref(symbol));
    const described = metadata === null ? null : [0x08, TYPES[metadata.type], ...this.#field(0x18, metadata.help), ...this.#field(0x20, metadata.unit)]; // 1 type, 3 help_ref, 4 unit_ref
    const number = this.#size++;
    let at = this.#startOf(number);
    const most = at + 12 + (refs.length + (described?.length ?? 0)) * 5;
    if (most > this.#fixed.length) this.#fixed = Buffer.concat([this.#fixed.subarray(0, at)], Math.max(most, (this.#fixed.length * 3) >> 1));
    this.#fixed[at] = 0x0a; // 1 labels_refs
    at = putNumbers(this.#fixed, at + 1, refs);
    if (described !== null) {
      this.#fixed[at] = 0x2a; // 5 metadata
      at = putNumbers(this.#fixed, at + 1, described);
    }
    this.#ends = grown(this.#ends, this.#size);
    this.#ends[number] = at;
  }

  /** A frame of those samples whose series are of this block; `first` is the number that its first series has in the list. */
  frame(samples: SampleList, first: number, buffers: BufferPool): Frame | null {
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
    const out = buffers.take(bound);
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
      if (exemplar !== undefined && samples.histograms.has(i)) {
        out[at] = 0x2a; // 5 timeseries
        at = putVarint(out, at + 1, end - start + exemplar.length);
        out.set(fixed.subarray(start, end), at);
        out.set(exemplar, at + end - start);
        at += end - start + exemplar.length;
        continue;
      }
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
    return { payload: out.subarray(0, at), buffer: out, items };
  }

  /** Exemplars, and histograms with theirs, as fields of their series, and the symbols that they need beyond those there are. */
  #exemplars(samples: SampleList, first: number): { readonly bySample: ReadonlyMap<number, Uint8Array>; readonly symbols: Uint8Array } {
    const bySample = new Map<number, Uint8Array>();
    if (samples.exemplars.size === 0 && samples.histograms.size === 0) return { bySample, symbols: NOTHING };
    const further = new Map<string, number>();
    const ref = (text: string): number => {
      const bytes = Buffer.from(text);
      const symbol = this.#symbols.find(bytes, 0, bytes.length);
      const known = symbol < 0 ? 0 : (this.#refs[symbol] ?? 0);
      if (known > 0) return known - 1;
      const number = further.get(text) ?? this.#textCount + further.size;
      further.set(text, number);
      return number;
    };
    for (const [i, exemplar] of samples.exemplars) {
      const number = samples.series[i]! - first;
      if (number >= 0 && number < this.#size) bySample.set(i, encodeExemplars([exemplar], ref));
    }
    for (const [i, sample] of samples.histograms) {
      const number = samples.series[i]! - first;
      if (number >= 0 && number < this.#size) bySample.set(i, encodeHistogram(sample, samples.times[i]!, ref));
    }
    return { bySample, symbols: encodeTexts([...further.keys()].map((text) => Buffer.from(text))) };
  }

  /** The block's number of a symbol, which is given one where it is new. */
  #ref(symbol: number): number {
    this.#refs = grown(this.#refs, symbol + 1);
    const known = this.#refs[symbol]!;
    if (known > 0) return known - 1;
    const number = this.#textCount++;
    this.#texts = grown(this.#texts, this.#textCount);
    this.#texts[number] = symbol;
    this.#refs[symbol] = number + 1;
    this.#encodedSymbols = null;
    return number;
  }

  #field(tag: number, symbol: number): number[] {
    return this.#symbols.bytes(symbol).length === 0 ? [] : [tag, this.#ref(symbol)];
  }

  #encodeSymbols(): Uint8Array {
    return encodeTexts(Array.from({ length: this.#textCount }, (_, i) => (i === 0 ? NOTHING : this.#symbols.bytes(this.#texts[i]!))));
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

function encodeExemplars(exemplars: readonly PrometheusExemplar[], ref: (text: string) => number): Uint8Array {
  const writer = new WriteWriter(128);
  writeExemplars(writer, exemplars, ref);
  return writer.finish();
}

function encodeHistogram({ histogram, exemplars }: HistogramSample, timeMs: number, ref: (text: string) => number): Uint8Array {
  const writer = new WriteWriter(256);
  writeExemplars(writer, exemplars, ref);
  writeHistogram(writer, 0x1a, { timeMs, startMs: 0, histogram }); // 3 histograms
  return writer.finish();
}

function writeExemplars(writer: WriteWriter, exemplars: readonly PrometheusExemplar[], ref: (text: string) => number): void {
  for (let i = exemplars.length - 1; i >= 0; i--) {
    const { labels, value, timeMs } = exemplars[i]!;
    const end = writer.mark();
    writer.int(0x18, timeMs); // 3 timestamp
    writer.double(0x11, value); // 2 value
    writeLabels(writer, labels, ref);
    writer.message(0x22, end); // 4 exemplars
  }
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

/** A field of numbers, its length in front. */
function putNumbers(out: Uint8Array, from: number, numbers: readonly number[]): number {
  let bytes = 0;
  for (const number of numbers) bytes += varintBytes(number);
  let at = putVarint(out, from, bytes);
  for (const number of numbers) at = putVarint(out, at, number);
  return at;
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
