import { BytesTable } from '@signalbox/signals/otlp/wire/bytes-table';
import { WriteWriter } from '@signalbox/signals/prometheus/remote-write/write-writer';
import type { Labels, PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import { Symbols } from './symbols.js';

/** What a pair of name and value takes in a request beside its characters, as estimated. */
const PAIR_BYTES = 6;
/** What a series takes in memory beside its labels' numbers. */
const SERIES_BYTES = 120;

/** One series, the same object wherever its labels come from. */
export interface Series {
  /** Its number in the table. */
  readonly number: number;
  /** Size of its labels in a request, as estimated. */
  readonly size: number;
  /** Its labels as fields of a series of protocol 1.0, once they were needed. */
  labelsV1: Uint8Array | null;
  /** Number among the series of the batch that `stamp` tells. */
  run: number;
  stamp: number;
}

/** A family's metadata with the numbers of its texts. */
export interface SeriesMetadata {
  readonly said: PrometheusMetadata;
  readonly help: number;
  readonly unit: number;
}

/** Series by their labels. Labels are kept as numbers of texts, name and value by turns. */
export class SeriesTable {
  readonly symbols = new Symbols();
  private readonly keys = new BytesTable();
  private readonly series: Series[] = [];
  private scratch = new Uint32Array(64);
  private view: Uint32Array = new Uint32Array(0);
  /** The keys that `view` looks at. */
  private viewed: Uint8Array | null = null;

  /** Memory that it holds, as estimated. */
  get bytes(): number {
    return this.symbols.bytes + this.keys.bytes + this.series.length * SERIES_BYTES;
  }

  of(labels: Labels): Series {
    const { symbols } = this;
    if (this.scratch.length < labels.length * 2) this.scratch = new Uint32Array(labels.length * 4);
    const { scratch } = this;
    let at = 0;
    for (const [name, value] of labels) {
      scratch[at++] = symbols.id(name);
      scratch[at++] = symbols.id(value);
    }
    const key = new Uint8Array(scratch.buffer, 0, at * 4);
    const known = this.keys.find(key, 0, key.length, 0);
    if (known >= 0) return this.series[known] as Series;
    const number = this.keys.add(key, 0, key.length, 0);
    const made: Series = { number, size: labelsSize(labels), labelsV1: null, run: 0, stamp: 0 };
    this.series.push(made);
    return made;
  }

  metadata(said: PrometheusMetadata): SeriesMetadata {
    return { said, help: this.symbols.id(said.help), unit: this.symbols.id(said.unit) };
  }

  labelsOf(series: Series): Labels {
    const ids = this.ids();
    const labels: (readonly [string, string])[] = [];
    const to = (this.keys.starts[series.number + 1] as number) / 4;
    for (let i = (this.keys.starts[series.number] as number) / 4; i < to; i += 2) labels.push([this.symbols.text(ids[i] as number), this.symbols.text(ids[i + 1] as number)]);
    return labels;
  }

  /** Writes the references to its labels, as protocol 2.0 has them. */
  writeRefs(writer: WriteWriter, series: Series): void {
    const { symbols } = this;
    const end = writer.mark();
    const ids = this.ids();
    const from = (this.keys.starts[series.number] as number) / 4;
    for (let i = (this.keys.starts[series.number + 1] as number) / 4 - 1; i >= from; i--) writer.varint(symbols.ref(ids[i] as number));
    writer.message(0x0a, end); // 1 labels_refs
  }

  /** Its labels spelled out, as protocol 1.0 has them. */
  labelsV1(series: Series): Uint8Array {
    return (series.labelsV1 ??= encodeLabels(this.labelsOf(series)));
  }

  /** The numbers of all labels, one series behind the other: what the keys are made of. */
  private ids(): Uint32Array {
    if (this.viewed !== this.keys.keys) {
      this.viewed = this.keys.keys;
      this.view = new Uint32Array(this.viewed.buffer);
    }
    return this.view;
  }
}

export function labelsSize(labels: Labels): number {
  return labels.reduce((sum, [name, value]) => sum + name.length + value.length + PAIR_BYTES, 0);
}

export function metadataSize(metadata: SeriesMetadata | null): number {
  return metadata === null ? 0 : PAIR_BYTES + metadata.said.help.length;
}

function encodeLabels(labels: Labels): Uint8Array {
  const writer = new WriteWriter(256);
  writeLabelsV1(writer, labels);
  return writer.finish();
}

export function writeLabelsV1(writer: WriteWriter, labels: Labels): void {
  for (let i = labels.length - 1; i >= 0; i--) {
    const [name, value] = labels[i] as Labels[number];
    const end = writer.mark();
    writer.text(0x12, value); // 2 value
    writer.text(0x0a, name); // 1 name
    writer.message(0x0a, end); // 1 labels
  }
}
