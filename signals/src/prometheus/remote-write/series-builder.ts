import type { Labels, PrometheusExemplar } from '../types.js';
import { OtlpError } from '../../otlp/error.js';
import { labelsProblem, labelsText, sortLabels, withoutEmpty, type Label } from './labels-check.js';
import { DEFAULT_WRITE_LIMITS, type WriteLimits } from './limits.js';
import { readHistogram } from './read-histogram.js';
import { setBits } from './sample-bits.js';
import type { DecodedWrite, WriteHistogram, WriteProblem, WriteSeries } from './types.js';
import type { WriteReader } from './write-reader.js';

/** Memory of samples is allotted in pieces of so many numbers. */
const SLAB = 4096;
const NO_NUMBERS = new Float64Array(0);
const NONE: readonly never[] = [];

/** What the messages of one series held, in the order of the wire. */
export interface RawSeries {
  readonly labels: Label[];
  /** Some label was not UTF-8. */
  readonly badText: boolean;
  /** Where its samples and histograms begin and end in the bytes, by turns; in the wire's order. */
  readonly samples: readonly number[];
  readonly histograms: readonly number[];
  readonly exemplars: readonly PrometheusExemplar[];
  readonly metadata: WriteSeries['metadata'];
  /** The series' own created_timestamp, of early drafts of version 2; 0 where there is none. */
  readonly createdMs: number;
}

/** Checks series within the limits and gathers them, for both versions of the protocol. */
export class SeriesBuilder {
  private readonly limits: Required<WriteLimits>;
  private readonly series: WriteSeries[] = [];
  private readonly problems: WriteProblem[] = [];
  private slab = NO_NUMBERS;
  private used = 0;
  private items = 0;
  private labels = 0;
  private seen = 0;

  constructor(
    private readonly reader: WriteReader,
    limits: WriteLimits | undefined,
  ) {
    this.limits = { ...DEFAULT_WRITE_LIMITS, ...limits };
  }

  /** To be called before a series is read. @throws OtlpError when there are too many */
  begin(): void {
    if (++this.seen > this.limits.maxSeries) throw OtlpError.atByte(`more than ${this.limits.maxSeries} series`, this.reader.pos);
  }

  /** @throws OtlpError when there are too many */
  countLabels(labels: number): void {
    this.labels += labels;
    if (this.labels > this.limits.maxLabels) throw OtlpError.atByte(`more than ${this.limits.maxLabels} labels`, this.reader.pos);
  }

  refuse(text: string, items: number, kind: WriteProblem['kind'] = 'labels'): void {
    this.problems.push({ text, items, kind });
  }

  /** @throws OtlpError where its samples are malformed */
  add(raw: RawSeries): void {
    const items = (raw.samples.length + raw.histograms.length) / 2;
    this.items += items;
    if (this.items > this.limits.maxItems) throw OtlpError.atByte(`more than ${this.limits.maxItems} samples`, this.reader.pos);
    sortLabels(raw.labels);
    const problem = labelsProblem(raw.labels, raw.badText) ?? this.tooLarge(raw.labels);
    if (problem !== null) {
      this.refuse(problem, items);
      this.check(raw);
      return;
    }
    const labels = withoutEmpty(raw.labels);
    if (items === 0 && this.limits.demandSamples) {
      this.refuse(`TimeSeries must contain at least one sample or histogram for series ${labelsText(labels)}`, 0);
      return;
    }
    const floats = this.floats(raw, labels);
    const histograms = raw.histograms.length === 0 ? NONE : this.histograms(raw, labels);
    this.series.push({ labels, ...floats, histograms, exemplars: raw.exemplars, metadata: raw.metadata });
  }

  /** Only what is known of a family. */
  addMetadata(family: string, metadata: NonNullable<WriteSeries['metadata']>): void {
    this.series.push({ labels: [['__name__', family]], timesMs: NO_NUMBERS, values: NO_NUMBERS, startsMs: null, histograms: NONE, exemplars: NONE, metadata });
  }

  finish(): DecodedWrite {
    return { series: this.series, problems: this.problems };
  }

  private tooLarge(labels: Labels): string | null {
    const { maxLabelsPerSeries, maxLabelValueLength } = this.limits;
    if (labels.length > maxLabelsPerSeries) return `label limit exceeded: ${labels.length} labels, the limit is ${maxLabelsPerSeries}, for a series that begins ${labelsText(labels.slice(0, 5))}`;
    const long = labels.find(([name, value]) => value.length > maxLabelValueLength || name.length > maxLabelValueLength);
    if (long === undefined) return null;
    return `label_value_length limit exceeded: the label '${long[0].slice(0, 100)}' has ${long[1].length} characters, the limit is ${maxLabelValueLength}`;
  }

  private floats({ samples, createdMs }: RawSeries, labels: Labels): Pick<WriteSeries, 'timesMs' | 'values' | 'startsMs'> {
    const count = samples.length / 2;
    if (count === 0) return { timesMs: NO_NUMBERS, values: NO_NUMBERS, startsMs: null };
    const timesMs = this.allot(count);
    const values = this.allot(count);
    let startsMs: Float64Array | null = createdMs === 0 ? null : new Float64Array(count).fill(createdMs);
    const { reader } = this;
    const { minTimeMs } = this.limits;
    let kept = 0;
    let outOfBounds = 0;
    for (let i = 0; i < samples.length; i += 2) {
      const end = samples[i + 1];
      reader.pos = samples[i];
      let timeMs = 0;
      let startMs = 0;
      let valueAt = -1;
      while (reader.pos < end) {
        const tag = reader.tag(end);
        if (tag === 0x09) { // 1 value
          valueAt = reader.pos;
          reader.skipFixed(8, end);
        } else if (tag === 0x10) timeMs = reader.time(end); // 2 timestamp
        else if (tag === 0x18) startMs = reader.time(end); // 3 start_timestamp
        else reader.skip(tag, end);
      }
      if (timeMs < minTimeMs) {
        outOfBounds++;
        continue;
      }
      timesMs[kept] = timeMs;
      if (valueAt >= 0) setValue(reader, values, kept, valueAt);
      else values[kept] = 0;
      if (startMs !== 0) (startsMs ??= new Float64Array(count))[kept] = startMs;
      kept++;
    }
    if (outOfBounds === 0) return { timesMs, values, startsMs };
    this.refuse(`out of bounds for series ${labelsText(labels)}`, outOfBounds, 'time');
    return { timesMs: timesMs.subarray(0, kept), values: values.subarray(0, kept), startsMs: startsMs === null ? null : startsMs.subarray(0, kept) };
  }

  private histograms({ histograms, createdMs }: RawSeries, labels: Labels): WriteHistogram[] {
    const read: WriteHistogram[] = [];
    for (let i = 0; i < histograms.length; i += 2) {
      this.reader.pos = histograms[i];
      const histogram = readHistogram(this.reader, histograms[i + 1]);
      if (typeof histogram === 'string') this.refuse(`${histogram} for series ${labelsText(labels)}`, 1, 'histogram');
      else if (histogram.timeMs < this.limits.minTimeMs) this.refuse(`out of bounds for series ${labelsText(labels)}`, 1, 'time');
      else read.push(histogram.startMs === 0 && createdMs !== 0 ? { ...histogram, startMs: createdMs } : histogram);
    }
    return read;
  }

  /** Reads what a refused series held, so that malformed bytes in it do not pass. */
  private check({ samples, histograms }: RawSeries): void {
    for (let i = 0; i < histograms.length; i += 2) {
      this.reader.pos = histograms[i];
      readHistogram(this.reader, histograms[i + 1]);
    }
    for (let i = 0; i < samples.length; i += 2) {
      this.reader.pos = samples[i];
      while (this.reader.pos < samples[i + 1]) this.reader.skip(this.reader.tag(samples[i + 1]), samples[i + 1]);
    }
  }

  private allot(count: number): Float64Array {
    if (count > SLAB / 4) return new Float64Array(count);
    if (this.used + count > this.slab.length) {
      this.slab = new Float64Array(SLAB);
      this.used = 0;
    }
    this.used += count;
    return this.slab.subarray(this.used - count, this.used);
  }
}

function setValue(reader: WriteReader, values: Float64Array, index: number, at: number): void {
  const value = reader.view.getFloat64(at, true);
  values[index] = value;
  // The stale marker would not survive as a number.
  if (value !== value) setBits(values, index, reader.view.getUint32(at, true), reader.view.getUint32(at + 4, true));
}
