import type { Metric, MetricsData, MetricValues } from '../model/metric.js';
import { histogramSamples, summarySamples } from './classic.js';
import { toExemplars } from './exemplars.js';
import { labelNamer, pointLabels, resourceLabels, scopeLabels, seriesLabels } from './labels.js';
import { metricName, unitName, type NameKind } from './metric-name.js';
import { fromExplicit, fromExponential, type HistogramProblem } from './native-histogram.js';
import { TRANSLATE_DEFAULTS, type TranslateOptions } from './options.js';
import { targetInfo } from './target-info.js';
import { toMs } from './time.js';
import type { Labels, PrometheusBatch, PrometheusExemplar, PrometheusMetadata, PrometheusSample, PrometheusType, NativeHistogram } from './types.js';

export type { TranslateOptions } from './options.js';

/** Why a data point has no counterpart in Prometheus. */
export type DropReason =
  | 'delta_temporality'
  | 'no_temporality'
  | 'no_value'
  | 'invalid_name'
  | HistogramProblem;

const NO_RECORDED_VALUE = 1;
const DELTA = 1;
const CUMULATIVE = 2;

/**
 * OTLP metrics as Prometheus' own OTLP endpoint translates them (prometheus 3.15, storage/remote/otlptranslator):
 * names with units and `_total`, `job`, `instance` and `target_info` from the resource, classic histograms as `_bucket`,
 * `_sum` and `_count`, exponential ones as native histograms, points without a recorded value as stale markers.
 * Every data point ends in `samples` or, with its reason, in `dropped`.
 */
export function toPrometheus(metrics: MetricsData, options: TranslateOptions = {}): PrometheusBatch {
  const translation = new Translation({ ...TRANSLATE_DEFAULTS, ...options });
  for (const { resource, scopeMetrics } of metrics.resourceMetrics) {
    const ofResource = resourceLabels(resource, translation.options, translation.nameOf);
    translation.earliestMs = Infinity;
    translation.latestMs = -Infinity;
    for (const { scope, schemaUrl, metrics: ofScope } of scopeMetrics) {
      const ofScopeLabels = scopeLabels(scope, schemaUrl, translation.options, translation.nameOf);
      for (const metric of ofScope) translation.add(metric, ofResource, ofScopeLabels);
    }
    if (!translation.options.targetInfo || translation.earliestMs === Infinity) continue;
    const info = targetInfo(resource, ofResource, translation.options, translation.nameOf, translation.earliestMs, translation.latestMs);
    if (info !== null) translation.addTargetInfo(info.samples, info.metadata);
  }
  return { samples: translation.samples, metadata: [...translation.metadata.values()], dropped: translation.dropped };
}

type ResourceContext = ReturnType<typeof resourceLabels>;
type Point = Exclude<MetricValues, { type: 'none' }>['dataPoints'][number];

class Translation {
  readonly samples: PrometheusSample[] = [];
  readonly metadata = new Map<string, PrometheusMetadata>();
  readonly dropped: { item: number; reason: DropReason }[] = [];
  readonly nameOf;
  /** Of the points of the resource at hand, dropped ones included. */
  earliestMs = Infinity;
  latestMs = -Infinity;
  private item = 0;
  private readonly seenTargets = new Set<string>();

  constructor(readonly options: Required<TranslateOptions>) {
    this.nameOf = labelNamer(options.strategy);
  }

  add(metric: Metric, resource: ResourceContext, scope: ReadonlyMap<string, string>): void {
    const { values } = metric;
    if (values.type === 'none') return;
    const first = this.item;
    this.item += values.dataPoints.length;
    if (values.dataPoints.length === 0) return;
    for (const point of values.dataPoints) {
      const timeMs = this.timeMs(point);
      this.earliestMs = Math.min(this.earliestMs, timeMs);
      this.latestMs = Math.max(this.latestMs, timeMs);
    }

    const family = metricName(metric.name, metric.unit, nameKind(values), this.options.strategy, this.options.namespace);
    const unfit = family === null ? 'invalid_name' : temporalityProblem(values);
    if (family === null || unfit !== null) {
      for (let i = 0; i < values.dataPoints.length; i++) this.dropped.push({ item: first + i, reason: unfit ?? 'invalid_name' });
      return;
    }
    if (!this.metadata.has(family)) {
      this.metadata.set(family, { name: family, type: prometheusType(values), help: metric.description, unit: unitName(metric.unit) });
    }
    const labelsOf = (point: Point): Map<string, string> => pointLabels(point.attributes, resource, scope, this.options, this.nameOf);
    this.addPoints(values, family, labelsOf, first);
  }

  /** Resources that differ only in attributes that are no labels have one series: each of its times is written once. */
  addTargetInfo(samples: readonly PrometheusSample[], metadata: PrometheusMetadata): void {
    for (const sample of samples) {
      const key = `${sample.timeMs} ${JSON.stringify(sample.labels)}`;
      if (this.seenTargets.has(key)) continue;
      this.seenTargets.add(key);
      this.samples.push(sample);
    }
    if (!this.metadata.has(metadata.name)) this.metadata.set(metadata.name, metadata);
  }

  private addPoints(values: Exclude<MetricValues, { type: 'none' }>, family: string, labelsOf: (point: Point) => Map<string, string>, first: number): void {
    switch (values.type) {
      case 'gauge':
      case 'sum':
        for (const [i, point] of values.dataPoints.entries()) {
          if (point.value === null && !isStale(point)) {
            this.dropped.push({ item: first + i, reason: 'no_value' });
            continue;
          }
          const exemplars = values.type === 'sum' ? toExemplars(point.exemplars) : [];
          this.push(seriesLabels(labelsOf(point), family), point, Number(point.value ?? 0), null, exemplars, first + i);
        }
        break;
      case 'histogram':
        for (const [i, point] of values.dataPoints.entries()) {
          if (this.options.convertHistogramsToNhcb) {
            this.pushNative(fromExplicit(point), seriesLabels(labelsOf(point), family), point, toExemplars(point.exemplars), first + i);
            continue;
          }
          for (const { labels, value, exemplars } of histogramSamples(point, family, labelsOf(point))) {
            this.push(labels, point, value, null, exemplars, first + i);
          }
        }
        break;
      case 'exponentialHistogram':
        for (const [i, point] of values.dataPoints.entries()) {
          this.pushNative(fromExponential(point), seriesLabels(labelsOf(point), family), point, toExemplars(point.exemplars), first + i);
        }
        break;
      case 'summary':
        for (const [i, point] of values.dataPoints.entries()) {
          for (const { labels, value, exemplars } of summarySamples(point, family, labelsOf(point))) {
            this.push(labels, point, value, null, exemplars, first + i);
          }
        }
        break;
    }
  }

  private pushNative(histogram: NativeHistogram | HistogramProblem, labels: Labels, point: Point, exemplars: readonly PrometheusExemplar[], item: number): void {
    if (typeof histogram === 'string') this.dropped.push({ item, reason: histogram });
    else this.push(labels, point, 0, histogram, exemplars, item);
  }

  private push(labels: Labels, point: Point, value: number, histogram: NativeHistogram | null, exemplars: readonly PrometheusExemplar[], item: number): void {
    const stale = isStale(point);
    this.samples.push({ labels, timeMs: this.timeMs(point), value: stale ? 0 : value, stale, histogram: stale ? null : histogram, startMs: toMs(point.startNs), exemplars, item });
  }

  private timeMs(point: Point): number {
    return toMs(point.timeNs === 0n ? this.options.receivedNs : point.timeNs);
  }
}

function isStale(point: Point): boolean {
  return (point.flags & NO_RECORDED_VALUE) !== 0;
}

function temporalityProblem(values: MetricValues): DropReason | null {
  if (!('temporality' in values) || values.temporality === CUMULATIVE) return null;
  return values.temporality === DELTA ? 'delta_temporality' : 'no_temporality';
}

function nameKind(values: MetricValues): NameKind {
  if (values.type === 'sum') return values.monotonic ? 'counter' : 'other';
  return values.type === 'gauge' ? 'gauge' : 'other';
}

function prometheusType(values: MetricValues): PrometheusType {
  switch (values.type) {
    case 'gauge':
      return 'gauge';
    case 'sum':
      return values.monotonic ? 'counter' : 'gauge';
    case 'histogram':
    case 'exponentialHistogram':
      return 'histogram';
    case 'summary':
      return 'summary';
    case 'none':
      return 'unknown';
  }
}
