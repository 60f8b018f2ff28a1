import type { Attributes, KeyValue } from '../../model/attributes.js';
import type { Exemplar, Metric, MetricsData, MetricValues, NumberDataPoint, ResourceMetrics } from '../../model/metric.js';
import type { Labels, PrometheusExemplar, PrometheusType } from '../types.js';
import { explicitPoint, exponentialPoint } from './otlp-histogram.js';
import { isStale } from './sample-bits.js';
import type { WriteHistogram, WriteRequest, WriteSeries } from './types.js';

const NS_PER_MS = 1_000_000n;
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;
const SCOPE = { name: 'signalbox/prometheus', version: '', attributes: [], droppedAttributesCount: 0 };
const NONE: readonly never[] = [];

/**
 * Prometheus samples as OTLP metrics: one data point each, in the same order, so that the numbers of items are the same. `job` and
 * `instance` become the resource (service.namespace/service.name, service.instance.id), other labels attributes. The series of a
 * classic histogram or summary stay series of their own. Names come back unchanged from the translation to Prometheus: a counter
 * whose name does not end in `_total` is a gauge with metadata `prometheus.type`, and units are left to the names.
 */
export function toOtlpMetrics(request: WriteRequest): MetricsData {
  const resourceMetrics: ResourceMetrics[] = [];
  let job: string | null = null;
  let instance: string | null = null;
  let metrics: Metric[] = [];
  for (const series of request.series) {
    if (series.timesMs.length === 0 && series.histograms.length === 0) continue;
    const [ofJob, ofInstance] = [labelOf(series.labels, 'job'), labelOf(series.labels, 'instance')];
    if (ofJob !== job || ofInstance !== instance) {
      [job, instance] = [ofJob, ofInstance];
      metrics = [];
      resourceMetrics.push({ resource: { attributes: resourceAttributes(job, instance), droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: SCOPE, schemaUrl: '', metrics }] });
    }
    addSeries(metrics, series);
  }
  return { resourceMetrics };
}

function labelOf(labels: Labels, name: string): string {
  return labels.find(([label]) => label === name)?.[1] ?? '';
}

function resourceAttributes(job: string, instance: string): Attributes {
  const attributes: KeyValue[] = [];
  const slash = job.indexOf('/');
  if (slash > 0 && slash < job.length - 1) attributes.push({ key: 'service.namespace', value: job.slice(0, slash) }, { key: 'service.name', value: job.slice(slash + 1) });
  else if (job !== '') attributes.push({ key: 'service.name', value: job });
  if (instance !== '') attributes.push({ key: 'service.instance.id', value: instance });
  return attributes;
}

function addSeries(metrics: Metric[], series: WriteSeries): void {
  const name = labelOf(series.labels, '__name__');
  const attributes: KeyValue[] = [];
  for (const [label, value] of series.labels) if (label !== '__name__' && label !== 'job' && label !== 'instance') attributes.push({ key: label, value });
  const type = series.metadata?.type ?? 'unknown';
  const description = series.metadata?.help ?? '';
  const exemplars = series.exemplars.length === 0 ? NONE : series.exemplars.map(exemplarOf);
  const metadata: Attributes = type === 'unknown' ? NONE : [{ key: 'prometheus.type', value: type }];
  if (series.timesMs.length > 0) metrics.push({ name, description, unit: '', metadata, values: numberValues(series, name, type, attributes, exemplars) });
  const left = series.timesMs.length > 0 ? NONE : exemplars;
  for (const run of runsOfOneShape(series.histograms)) metrics.push({ name, description, unit: '', metadata, values: histogramValues(run, attributes, run.at(-1) === series.histograms.at(-1) ? left : NONE) });
}

function numberValues({ timesMs, values, startsMs }: WriteSeries, name: string, type: PrometheusType, attributes: Attributes, exemplars: readonly Exemplar[]): MetricValues {
  const dataPoints: NumberDataPoint[] = [];
  for (let i = 0; i < timesMs.length; i++) {
    const stale = isStale(values, i);
    dataPoints.push({
      attributes,
      startNs: startsMs === null ? 0n : nanoseconds(startsMs[i]),
      timeNs: nanoseconds(timesMs[i]),
      flags: stale ? NO_RECORDED_VALUE : 0,
      value: stale ? null : values[i],
      exemplars: i === timesMs.length - 1 ? exemplars : NONE,
    });
  }
  if (type === 'counter' && name.endsWith('_total')) return { type: 'sum', dataPoints, temporality: CUMULATIVE, monotonic: true };
  return { type: 'gauge', dataPoints };
}

/** Histograms one behind the other with custom bounds, or without; a stale marker goes with those before it. */
function runsOfOneShape(histograms: readonly WriteHistogram[]): (readonly WriteHistogram[])[] {
  const runs: WriteHistogram[][] = [];
  let custom: boolean | null = null;
  for (const histogram of histograms) {
    const shape: boolean = histogram.histogram === null ? (custom ?? false) : histogram.histogram.customBounds !== null;
    if (shape === custom) runs.at(-1)?.push(histogram);
    else runs.push([histogram]);
    custom = shape;
  }
  return runs;
}

function histogramValues(run: readonly WriteHistogram[], attributes: Attributes, exemplars: readonly Exemplar[]): MetricValues {
  const point = ({ timeMs, startMs, histogram }: WriteHistogram) =>
    ({ attributes, startNs: nanoseconds(startMs), timeNs: nanoseconds(timeMs), flags: histogram === null ? NO_RECORDED_VALUE : 0, exemplars: histogram === run.at(-1)?.histogram ? exemplars : NONE });
  if (run.some(({ histogram }) => histogram !== null && histogram.customBounds !== null)) {
    const stale = { count: 0n, sum: null, min: null, max: null, bucketCounts: NONE, explicitBounds: NONE };
    return { type: 'histogram', temporality: CUMULATIVE, dataPoints: run.map((one) => ({ ...point(one), ...(one.histogram?.customBounds ? explicitPoint(one.histogram, one.histogram.customBounds) : stale) })) };
  }
  const stale = { count: 0n, sum: null, min: null, max: null, scale: 0, zeroCount: 0n, zeroThreshold: 0, positive: null, negative: null };
  return { type: 'exponentialHistogram', temporality: CUMULATIVE, dataPoints: run.map((one) => ({ ...point(one), ...(one.histogram === null ? stale : exponentialPoint(one.histogram)) })) };
}

const HEX_TRACE = /^[0-9a-f]{32}$/;
const HEX_SPAN = /^[0-9a-f]{16}$/;

function exemplarOf({ labels, value, timeMs }: PrometheusExemplar): Exemplar {
  const filteredAttributes: KeyValue[] = [];
  let traceId = '';
  let spanId = '';
  for (const [name, text] of labels) {
    if ((name === 'trace_id' || name === 'traceID') && HEX_TRACE.test(text)) traceId = text;
    else if ((name === 'span_id' || name === 'spanID') && HEX_SPAN.test(text)) spanId = text;
    else filteredAttributes.push({ key: name, value: text });
  }
  return { filteredAttributes, timeNs: nanoseconds(timeMs), value, spanId, traceId };
}

/** OTLP has no times before 1970. */
function nanoseconds(ms: number): bigint {
  return ms > 0 ? BigInt(ms) * NS_PER_MS : 0n;
}
