import type { Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import type { Exemplar, HistogramDataPoint, Metric, MetricValues, NumberDataPoint, SummaryDataPoint } from '@signalbox/signals/model/metric';
import type { PromExemplar, PromFamily, PromValue } from './registries.js';
import type { Starts } from './starts.js';

type Labels = Readonly<Record<string, string | number>>;

const CUMULATIVE = 2;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/**
 * A metric family of prom-client's in OTLP. Names stay whole, units stay empty: what translates to Prometheus adds
 * `_total` to a counter only where it is missing, and nothing else, so that every series gets its name back; that of a
 * counter that was named without `_total` becomes the one that OpenMetrics demands.
 */
export function convertFamily(family: PromFamily, defaultLabels: Labels, starts: Starts, nowNs: bigint): Metric | null {
  const values = (family.values ?? []).filter((value) => typeof value.value === 'number');
  const series = seriesOf(values, defaultLabels);
  const converted = convertValues(family, series, starts, nowNs);
  return converted === null ? null : { name: family.name, description: family.help, unit: '', metadata: [], values: converted };
}

function convertValues(family: PromFamily, series: readonly Series[], starts: Starts, nowNs: bigint): MetricValues | null {
  if (series.length === 0) return null;
  switch (family.type) {
    case 'counter':
      return { type: 'sum', monotonic: true, temporality: CUMULATIVE, dataPoints: series.flatMap((one) => counterPoints(family.name, one, starts, nowNs)) };
    case 'gauge':
      return { type: 'gauge', dataPoints: series.flatMap((one) => one.values.map((value) => numberPoint(one, value, 0n, nowNs))) };
    case 'histogram':
      return { type: 'histogram', temporality: CUMULATIVE, dataPoints: series.map((one) => histogramPoint(family.name, one, starts, nowNs)) };
    case 'summary':
      return { type: 'summary', dataPoints: series.map((one) => summaryPoint(family.name, one, starts, nowNs)) };
    default:
      return null;
  }
}

/** The values of one series: for histograms and summaries its buckets or quantiles, sum and count. */
interface Series {
  readonly key: string;
  readonly attributes: Attributes;
  readonly values: PromValue[];
}

function seriesOf(values: readonly PromValue[], defaultLabels: Labels): readonly Series[] {
  const series = new Map<string, Series>();
  for (const value of values) {
    const attributes = attributesOf({ ...defaultLabels, ...value.labels });
    const key = attributes.map(({ key: name, value: text }) => `${name}\u0000${String(text)}`).join('\u0001');
    const known = series.get(key);
    if (known === undefined) series.set(key, { key, attributes, values: [value] });
    else known.values.push(value);
  }
  return [...series.values()];
}

/** Sorted by name; without le and quantile, which OTLP has as structure. */
function attributesOf(labels: Labels): readonly KeyValue[] {
  return Object.keys(labels)
    .filter((name) => name !== 'le' && name !== 'quantile' && labels[name] !== undefined)
    .sort()
    .map((name) => ({ key: name, value: String(labels[name]) }));
}

function counterPoints(name: string, series: Series, starts: Starts, nowNs: bigint): NumberDataPoint[] {
  return series.values.map((value) => numberPoint(series, value, starts.startNs(`${name}\u0002${series.key}`, value.value, nowNs), nowNs));
}

function numberPoint(series: Series, value: PromValue, startNs: bigint, nowNs: bigint): NumberDataPoint {
  return { attributes: series.attributes, startNs, timeNs: nowNs, flags: 0, value: value.value, exemplars: exemplarsOf([value], nowNs) };
}

function histogramPoint(name: string, series: Series, starts: Starts, nowNs: bigint): HistogramDataPoint {
  const buckets = series.values
    .filter((value) => value.metricName === `${name}_bucket`)
    .map((value) => ({ bound: bound(value.labels?.['le']), value }))
    .sort((a, b) => a.bound - b.bound);
  const count = find(series, `${name}_count`);
  return {
    attributes: series.attributes,
    startNs: starts.startNs(`${name}\u0002${series.key}`, count, nowNs),
    timeNs: nowNs,
    flags: 0,
    count: whole(count),
    sum: find(series, `${name}_sum`),
    min: null,
    max: null,
    explicitBounds: buckets.filter((bucket) => Number.isFinite(bucket.bound)).map((bucket) => bucket.bound),
    // Prometheus' buckets hold all below them as well, OTLP's do not.
    bucketCounts: buckets.map(({ value }, index) => whole(value.value - (buckets[index - 1]?.value.value ?? 0))),
    exemplars: exemplarsOf(buckets.map((bucket) => bucket.value), nowNs),
  };
}

function summaryPoint(name: string, series: Series, starts: Starts, nowNs: bigint): SummaryDataPoint {
  const count = find(series, `${name}_count`);
  return {
    attributes: series.attributes,
    startNs: starts.startNs(`${name}\u0002${series.key}`, count, nowNs),
    timeNs: nowNs,
    flags: 0,
    count: whole(count),
    sum: find(series, `${name}_sum`),
    quantileValues: series.values
      .filter((value) => value.labels?.['quantile'] !== undefined)
      .map((value) => ({ quantile: Number(value.labels?.['quantile']), value: value.value }))
      .sort((a, b) => a.quantile - b.quantile),
  };
}

function bound(label: string | number | undefined): number {
  return label === undefined || label === '+Inf' ? Infinity : Number(label);
}

function find(series: Series, metricName: string): number {
  return series.values.find((value) => value.metricName === metricName)?.value ?? 0;
}

function whole(value: number): bigint {
  return Number.isFinite(value) && value > 0 ? BigInt(Math.round(value)) : 0n;
}

function exemplarsOf(values: readonly PromValue[], nowNs: bigint): readonly Exemplar[] {
  return values.flatMap(({ exemplar }) => (exemplar === undefined || exemplar === null ? [] : [convertExemplar(exemplar, nowNs)]));
}

/** Labels of an exemplar that name a trace and a span become its ids; all others are attributes. */
function convertExemplar({ labelSet, value, timestamp }: PromExemplar, nowNs: bigint): Exemplar {
  const entries = Object.entries(labelSet).map(([key, text]) => [key, String(text)] as const);
  const isTrace = ([key, text]: readonly [string, string]): boolean => /^trace_?id$/i.test(key) && TRACE_ID.test(text);
  const isSpan = ([key, text]: readonly [string, string]): boolean => /^span_?id$/i.test(key) && SPAN_ID.test(text);
  return {
    filteredAttributes: entries.filter((entry) => !isTrace(entry) && !isSpan(entry)).map(([key, text]) => ({ key, value: text })),
    timeNs: timestamp === undefined ? nowNs : BigInt(Math.round(timestamp * 1e3)) * 1_000_000n,
    value,
    traceId: entries.find(isTrace)?.[1] ?? '',
    spanId: entries.find(isSpan)?.[1] ?? '',
  };
}
