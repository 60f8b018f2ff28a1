import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';

/** A native histogram as JSON; numbers that JSON lacks (NaN, infinities, -0) are strings. */
export function histogramToJson(histogram: NativeHistogram): string {
  const buckets = ({ offsets, counts }: NativeHistogram['positive']): unknown => ({ offsets: [...offsets], counts: Array.from(counts, jsonNumber) });
  return JSON.stringify({
    schema: histogram.schema, zeroThreshold: jsonNumber(histogram.zeroThreshold), zeroCount: jsonNumber(histogram.zeroCount), count: jsonNumber(histogram.count), sum: jsonNumber(histogram.sum),
    positive: buckets(histogram.positive), negative: buckets(histogram.negative), customBounds: histogram.customBounds && Array.from(histogram.customBounds, jsonNumber), counterReset: histogram.counterReset,
  });
}

type JsonNumber = number | string;
interface JsonBuckets {
  readonly offsets: readonly number[];
  readonly counts: readonly JsonNumber[];
}

interface JsonHistogram {
  readonly schema: number;
  readonly zeroThreshold: JsonNumber;
  readonly zeroCount: JsonNumber;
  readonly count: JsonNumber;
  readonly sum: JsonNumber;
  readonly positive: JsonBuckets;
  readonly negative: JsonBuckets;
  readonly customBounds: readonly JsonNumber[] | null;
  readonly counterReset: NativeHistogram['counterReset'];
}

/** What `histogramToJson` wrote. */
export function histogramFromJson(text: string): NativeHistogram {
  const json = JSON.parse(text) as JsonHistogram;
  const buckets = ({ offsets, counts }: JsonBuckets): NativeHistogram['positive'] => ({ offsets: Int32Array.from(offsets), counts: Float64Array.from(counts, Number) });
  return {
    schema: json.schema, zeroThreshold: Number(json.zeroThreshold), zeroCount: Number(json.zeroCount), count: Number(json.count), sum: Number(json.sum),
    positive: buckets(json.positive), negative: buckets(json.negative), customBounds: json.customBounds && Float64Array.from(json.customBounds, Number), counterReset: json.counterReset,
  };
}

function jsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

/** Labels as a JSON object in their order. Built by hand: an object would move names that are numbers to the front. */
export function labelsToJson(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

export function labelsFromJson(text: string): Labels {
  return Object.entries(JSON.parse(text) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
