import { NUMBERS, type PointFields } from '@signalbox/signals/otlp/wire/point-fields';
import { HIGH_WORD, LOW_WORD, isStaleBits } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import { STALE_NAN_BITS, type NativeHistogram, type PrometheusExemplar, type PrometheusSample } from '@signalbox/signals/prometheus/types';
import { labelsSize, metadataSize, type Series, type SeriesMetadata, type SeriesTable } from './series.js';

const STALE_LOW = Number(STALE_NAN_BITS & 0xffff_ffffn);
const STALE_HIGH = Number(STALE_NAN_BITS >> 32n);
const NONE: readonly never[] = [];
const SAMPLE_BYTES = 24;
const BUCKET_BYTES = 4;
let lastStamp = 0;

/**
 * The samples of a batch in columns. First they are added as they come, then `order` puts them series by series, each in order of
 * time, as the protocol wants it.
 */
export class Points {
  size = 0;
  /** Number of the sample's series in the batch. */
  run: Int32Array;
  timeMs: Float64Array;
  /** Of native histograms it means nothing. */
  values: Float64Array;
  /** The same memory in halves: stale markers are told by their bits. */
  words: Uint32Array;
  /** Unix milliseconds of the counter's start, 0 where unknown. */
  startMs: Float64Array;
  /** Number of its data point in the batch, or -1 for target_info. */
  item: Int32Array;
  /** Native histograms, null where they are stale. */
  readonly histograms = new Map<number, NativeHistogram | null>();
  readonly exemplars = new Map<number, readonly PrometheusExemplar[]>();
  private readonly series: Series[] = [];
  private readonly metadata: (SeriesMetadata | null)[] = [];
  private readonly first: number[] = [];
  private readonly last: number[] = [];
  /** The sample of the same series that came behind it, or -1. */
  private next: Int32Array;
  private readonly stamp = ++lastStamp;
  /** Of series, buckets and exemplars. */
  private moreBytes = 0;

  constructor(readonly table: SeriesTable, room: number) {
    const size = Math.max(16, room);
    this.run = new Int32Array(size);
    this.timeMs = new Float64Array(size);
    this.values = new Float64Array(size);
    this.words = new Uint32Array(this.values.buffer);
    this.startMs = new Float64Array(size);
    this.item = new Int32Array(size);
    this.next = new Int32Array(size);
  }

  /** Adds the value that the fields hold at the moment, as a sample of the series. */
  add(series: Series, metadata: SeriesMetadata | null, { numbers, words, stale }: PointFields, item: number): number {
    const point = this.append(series, metadata, item);
    this.timeMs[point] = numbers[NUMBERS.TIME] as number;
    this.startMs[point] = numbers[NUMBERS.START] as number;
    this.words[point * 2 + LOW_WORD] = stale ? STALE_LOW : (words[NUMBERS.VALUE * 2 + LOW_WORD] as number);
    this.words[point * 2 + HIGH_WORD] = stale ? STALE_HIGH : (words[NUMBERS.VALUE * 2 + HIGH_WORD] as number);
    return point;
  }

  addExemplars(point: number, exemplars: readonly PrometheusExemplar[]): void {
    if (exemplars.length === 0) return;
    this.exemplars.set(point, exemplars);
    this.moreBytes += exemplarsSize(exemplars);
  }

  addSample(series: Series, metadata: SeriesMetadata | null, sample: PrometheusSample, item: number, withExemplars: boolean): void {
    const point = this.append(series, metadata, item);
    this.timeMs[point] = sample.timeMs;
    this.startMs[point] = sample.startMs;
    this.values[point] = sample.value;
    if (sample.stale) {
      this.words[point * 2 + LOW_WORD] = STALE_LOW;
      this.words[point * 2 + HIGH_WORD] = STALE_HIGH;
    }
    if (sample.histogram !== null) {
      this.histograms.set(point, sample.stale ? null : sample.histogram);
      this.moreBytes += bucketsSize(sample.histogram);
    }
    if (withExemplars) this.addExemplars(point, sample.exemplars);
  }

  seriesOf(point: number): Series {
    return this.series[this.run[point] as number] as Series;
  }

  metadataOf(point: number): SeriesMetadata | null {
    return this.metadata[this.run[point] as number] as SeriesMetadata | null;
  }

  exemplarsOf(point: number): readonly PrometheusExemplar[] {
    return this.exemplars.size === 0 ? NONE : (this.exemplars.get(point) ?? NONE);
  }

  /** Undefined where it is a float sample. */
  histogramOf(point: number): NativeHistogram | null | undefined {
    return this.histograms.size === 0 ? undefined : this.histograms.get(point);
  }

  /** What all points take in one request at the most, as estimated. */
  get mostBytes(): number {
    return this.size * SAMPLE_BYTES + this.moreBytes;
  }

  /** What a point takes in a request, as estimated. */
  pointSize(point: number): number {
    return SAMPLE_BYTES + bucketsSize(this.histogramOf(point) ?? null) + exemplarsSize(this.exemplarsOf(point));
  }

  /** What the labels and metadata of a point's series take in a request, as estimated. */
  seriesSize(point: number): number {
    const run = this.run[point] as number;
    return (this.series[run] as Series).size + metadataSize(this.metadata[run] as SeriesMetadata | null);
  }

  /** All points in their order. A sample that says what the one before it said, at the same time, is left out. */
  ordered(): PointRange {
    const order = new Int32Array(this.size);
    let to = 0;
    for (const head of this.first) {
      const from = to;
      let ascends = true;
      for (let point = head; point >= 0; point = this.next[point] as number) {
        ascends &&= to === from || (this.timeMs[point] as number) > (this.timeMs[order[to - 1] as number] as number);
        order[to++] = point;
      }
      if (!ascends) to = this.sortRun(order, from, to);
    }
    return new PointRange(this, order, 0, to);
  }

  /** Room for a sample behind those of its series; answers its number. */
  private append(series: Series, metadata: SeriesMetadata | null, item: number): number {
    const point = this.size++;
    if (point === this.run.length) this.grow();
    if (series.stamp === this.stamp) {
      this.next[this.last[series.run] as number] = point;
      this.last[series.run] = point;
    } else {
      series.stamp = this.stamp;
      series.run = this.series.push(series) - 1;
      this.metadata.push(metadata);
      this.moreBytes += series.size + metadataSize(metadata);
      this.first.push(point);
      this.last.push(point);
    }
    this.next[point] = -1;
    this.run[point] = series.run;
    this.item[point] = item;
    return point;
  }

  /** Sorts and leaves out repetitions; answers where the run ends. */
  private sortRun(order: Int32Array, from: number, to: number): number {
    const { timeMs } = this;
    const run = [...order.subarray(from, to)].sort((a, b) => (timeMs[a] as number) - (timeMs[b] as number));
    let end = from;
    for (const point of run) if (end === from || !this.repeats(order[end - 1] as number, point)) order[end++] = point;
    return end;
  }

  private repeats(before: number, point: number): boolean {
    if (this.timeMs[before] !== this.timeMs[point] || this.histogramOf(before) !== undefined || this.histogramOf(point) !== undefined) return false;
    return Object.is(this.values[before], this.values[point]) && this.isStale(before) === this.isStale(point);
  }

  private isStale(point: number): boolean {
    return isStaleBits(this.words[point * 2 + LOW_WORD] as number, this.words[point * 2 + HIGH_WORD] as number);
  }

  private grow(): void {
    const size = this.run.length * 2;
    this.values = new Float64Array(size);
    const words = new Uint32Array(this.values.buffer);
    words.set(this.words);
    this.words = words;
    this.run = grown(this.run, new Int32Array(size));
    this.timeMs = grown(this.timeMs, new Float64Array(size));
    this.startMs = grown(this.startMs, new Float64Array(size));
    this.item = grown(this.item, new Int32Array(size));
    this.next = grown(this.next, new Int32Array(size));
  }
}

/** Points that stand behind each other in the order of sending; those of a series stand side by side. */
export class PointRange {
  constructor(readonly points: Points, readonly order: Int32Array, readonly from: number, readonly to: number) {}

  get length(): number {
    return this.to - this.from;
  }

  /** The i-th point's number in the columns. */
  at(i: number): number {
    return this.order[this.from + i] as number;
  }

  slice(from: number, to = this.length): PointRange {
    return new PointRange(this.points, this.order, this.from + from, this.from + to);
  }

  /** Data points behind the samples; target_info is nobody's. */
  items(): Set<number> {
    const items = new Set<number>();
    for (let i = this.from; i < this.to; i++) {
      const item = this.points.item[this.order[i] as number] as number;
      if (item >= 0) items.add(item);
    }
    return items;
  }

  /** Where the series of the point in front of `end` begins, within the range. */
  runBefore(end: number): number {
    const { run } = this.points;
    const wanted = run[this.at(end - 1)];
    let from = end - 1;
    while (from > 0 && run[this.at(from - 1)] === wanted) from--;
    return from;
  }
}

function bucketsSize(histogram: NativeHistogram | null): number {
  return histogram === null ? 0 : (histogram.positive.offsets.length + histogram.negative.offsets.length) * BUCKET_BYTES;
}

function exemplarsSize(exemplars: readonly PrometheusExemplar[]): number {
  return exemplars.reduce((sum, { labels }) => sum + SAMPLE_BYTES + labelsSize(labels), 0);
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
