import type { PrometheusExemplar, PrometheusType } from '../types.js';
import type { Label } from './labels-check.js';
import type { WriteLimits } from './limits.js';
import { sortLabels } from './labels-check.js';
import { SeriesBuilder, type RawSeries } from './series-builder.js';
import type { DecodedWrite, WriteSeries } from './types.js';
import { WriteReader } from './write-reader.js';

type SeriesMetadata = NonNullable<WriteSeries['metadata']>;

/** Both versions count alike; gauge histograms, infos and state sets have no counterpart. */
const TYPES: readonly PrometheusType[] = ['unknown', 'counter', 'gauge', 'histogram', 'unknown', 'summary', 'unknown', 'unknown'];
const NONE: readonly never[] = [];

/**
 * io.prometheus.write.v2.Request (prompb/io/prometheus/write/v2/types.proto), not compressed. Series that Prometheus would not
 * take are left out and told in `problems`.
 * @throws OtlpError with the offset where the bytes are malformed or hold more than the limits
 */
export function decodeWriteV2(bytes: Uint8Array, limits?: WriteLimits): DecodedWrite {
  const reader = new WriteReader(bytes);
  const builder = new SeriesBuilder(reader, limits);
  const symbols: string[] = [];
  const bad = new Set<number>();
  const end = bytes.length;
  // Symbols may follow the series that name them.
  const series: number[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x22) { // 4 symbols
      reader.badText = false;
      symbols.push(reader.lenientString(end));
      if (reader.badText) bad.add(symbols.length - 1);
    } else if (tag === 0x2a) { // 5 timeseries
      builder.begin();
      const limit = reader.limit(end);
      series.push(reader.pos, limit);
      reader.pos = limit;
    } else reader.skip(tag, end);
  }
  const table = new SymbolTable(symbols, bad);
  for (let i = 0; i < series.length; i += 2) {
    reader.pos = series[i];
    readSeriesV2(reader, series[i + 1], table, builder);
  }
  return builder.finish();
}

class SymbolTable {
  constructor(
    private readonly symbols: readonly string[],
    private readonly bad: ReadonlySet<number>,
  ) {}

  text(ref: number): string {
    return this.symbols[ref] ?? '';
  }

  /** Answers the labels, or Prometheus' words for what is wrong with the references (prompb/io/prometheus/write/v2/symbols.go). */
  labels(refs: readonly number[]): Label[] | string {
    if (refs.length % 2 !== 0) return `invalid labelRefs length ${refs.length}`;
    const labels: Label[] = [];
    for (let i = 0; i < refs.length; i += 2) {
      const name = this.symbols[refs[i]];
      const value = this.symbols[refs[i + 1]];
      if (name === undefined || value === undefined) return `labelRefs ${refs[i]} (name) = ${refs[i + 1]} (value) outside of symbols table (size ${this.symbols.length})`;
      labels.push([name, value]);
    }
    return labels;
  }

  anyBad(refs: readonly number[]): boolean {
    return this.bad.size > 0 && refs.some((ref) => this.bad.has(ref));
  }
}

const readRef = (reader: WriteReader, end: number): number => reader.uint32(end);

function readSeriesV2(reader: WriteReader, end: number, table: SymbolTable, builder: SeriesBuilder): void {
  const refs: number[] = [];
  const samples: number[] = [];
  const histograms: number[] = [];
  let exemplars: PrometheusExemplar[] | null = null;
  let metadata: SeriesMetadata | null = null;
  let createdMs = 0;
  const problems: string[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x0a: case 0x08: reader.varints(tag, end, refs, readRef); break; // 1 labels_refs
      case 0x12: pass(reader, end, samples); break; // 2 samples
      case 0x1a: pass(reader, end, histograms); break; // 3 histograms
      case 0x22: { // 4 exemplars
        const exemplar = readExemplarV2(reader, reader.limit(end), table, builder);
        if (typeof exemplar === 'string') problems.push(exemplar);
        else (exemplars ??= []).push(exemplar);
        break;
      }
      case 0x2a: metadata = readMetadataV2(reader, reader.limit(end), table); break; // 5 metadata
      case 0x30: createdMs = reader.time(end); break; // 6 created_timestamp
      default: reader.skip(tag, end);
    }
  }
  builder.countLabels(refs.length / 2);
  const labels = table.labels(refs);
  const items = (samples.length + histograms.length) / 2;
  if (typeof labels === 'string') {
    builder.refuse(`parsing labels for series [${refs.join(' ')}]: ${labels}`, items);
    return;
  }
  for (const problem of problems) builder.refuse(`parsing exemplar for series [${refs.join(' ')}]: ${problem}`, 0, 'exemplar');
  builder.add({ labels, badText: table.anyBad(refs), samples, histograms, exemplars: exemplars ?? NONE, metadata, createdMs });
}

function readExemplarV2(reader: WriteReader, end: number, table: SymbolTable, builder: SeriesBuilder): PrometheusExemplar | string {
  const refs: number[] = [];
  let value = 0;
  let timeMs = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a || tag === 0x08) reader.varints(tag, end, refs, readRef); // 1 labels_refs
    else if (tag === 0x11) value = reader.double(end); // 2 value
    else if (tag === 0x18) timeMs = reader.time(end); // 3 timestamp
    else reader.skip(tag, end);
  }
  builder.countLabels(refs.length / 2);
  const labels = table.labels(refs);
  return typeof labels === 'string' ? labels : { labels: sortLabels(labels), value, timeMs };
}

function readMetadataV2(reader: WriteReader, end: number, table: SymbolTable): SeriesMetadata | null {
  let type = 0;
  let help = 0;
  let unit = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x08) type = reader.int32(end); // 1 type
    else if (tag === 0x18) help = reader.uint32(end); // 3 help_ref
    else if (tag === 0x20) unit = reader.uint32(end); // 4 unit_ref
    else reader.skip(tag, end);
  }
  // A sender that knows nothing sends it empty.
  return type === 0 && help === 0 && unit === 0 ? null : { type: TYPES[type] ?? 'unknown', help: table.text(help), unit: table.text(unit) };
}

/** Notes where a message begins and ends. */
function pass(reader: WriteReader, end: number, places: number[]): void {
  const limit = reader.limit(end);
  places.push(reader.pos, limit);
  reader.pos = limit;
}

/**
 * prometheus.WriteRequest (prompb/remote.proto), not compressed. What is said of families of which no series is there comes as
 * series without samples.
 * @throws OtlpError with the offset where the bytes are malformed or hold more than the limits
 */
export function decodeWriteV1(bytes: Uint8Array, limits?: WriteLimits): DecodedWrite {
  const reader = new WriteReader(bytes);
  const builder = new SeriesBuilder(reader, limits);
  const end = bytes.length;
  const families = new Map<string, SeriesMetadata>();
  const series: RawSeries[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) { // 1 timeseries
      builder.begin();
      series.push(readSeriesV1(reader, reader.limit(end), builder));
    } else if (tag === 0x1a) { // 3 metadata
      builder.begin();
      readMetadataV1(reader, reader.limit(end), families);
    } else reader.skip(tag, end);
  }
  const used = new Set<string>();
  for (const raw of series) {
    const family = families.size === 0 ? null : familyOf(raw.labels, families);
    if (family !== null) used.add(family);
    builder.add(family === null ? raw : { ...raw, metadata: families.get(family) ?? null });
  }
  for (const [family, metadata] of families) {
    if (!used.has(family)) builder.addMetadata(family, metadata);
  }
  return builder.finish();
}

function readSeriesV1(reader: WriteReader, end: number, builder: SeriesBuilder): RawSeries {
  const labels: Label[] = [];
  const samples: number[] = [];
  const histograms: number[] = [];
  let exemplars: PrometheusExemplar[] | null = null;
  let badText = false;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x0a: // 1 labels
        reader.badText = false;
        labels.push(readLabelV1(reader, reader.limit(end)));
        badText ||= reader.badText;
        break;
      case 0x12: pass(reader, end, samples); break; // 2 samples
      case 0x1a: (exemplars ??= []).push(readExemplarV1(reader, reader.limit(end), builder)); break; // 3 exemplars
      case 0x22: pass(reader, end, histograms); break; // 4 histograms
      default: reader.skip(tag, end);
    }
  }
  builder.countLabels(labels.length);
  return { labels, badText, samples, histograms, exemplars: exemplars ?? NONE, metadata: null, createdMs: 0 };
}

function readLabelV1(reader: WriteReader, end: number): Label {
  let name = '';
  let value = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) name = reader.lenientString(end); // 1 name
    else if (tag === 0x12) value = reader.lenientString(end); // 2 value
    else reader.skip(tag, end);
  }
  return [name, value];
}

function readExemplarV1(reader: WriteReader, end: number, builder: SeriesBuilder): PrometheusExemplar {
  const labels: Label[] = [];
  let value = 0;
  let timeMs = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) labels.push(readLabelV1(reader, reader.limit(end))); // 1 labels
    else if (tag === 0x11) value = reader.double(end); // 2 value
    else if (tag === 0x18) timeMs = reader.time(end); // 3 timestamp
    else reader.skip(tag, end);
  }
  builder.countLabels(labels.length);
  return { labels: sortLabels(labels), value, timeMs };
}

function readMetadataV1(reader: WriteReader, end: number, families: Map<string, SeriesMetadata>): void {
  let type = 0;
  let family = '';
  let help = '';
  let unit = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x08) type = reader.int32(end); // 1 type
    else if (tag === 0x12) family = reader.lenientString(end); // 2 metric_family_name
    else if (tag === 0x22) help = reader.lenientString(end); // 4 help
    else if (tag === 0x2a) unit = reader.lenientString(end); // 5 unit
    else reader.skip(tag, end);
  }
  if (family !== '') families.set(family, { type: TYPES[type] ?? 'unknown', help, unit });
}

const FAMILY_SUFFIX = /_(?:bucket|sum|count|total|created|info)$/;

function familyOf(labels: readonly Label[], families: ReadonlyMap<string, SeriesMetadata>): string | null {
  const name = labels.find(([label]) => label === '__name__')?.[1];
  if (name === undefined) return null;
  if (families.has(name)) return name;
  const family = name.replace(FAMILY_SUFFIX, '');
  return families.has(family) ? family : null;
}
