import { countItems } from '@signalbox/signals/otlp/count';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { ItemCounter } from '@signalbox/signals/otlp/protobuf/items';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import { metricWithPoints, requestOfMetric } from '@signalbox/signals/otlp/wire/single-metric';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import { addBatch, addItem, eachItem } from '../read/batch-samples.js';
import type { DeltaState } from '../head/delta-state.js';
import { FLOAT, WORDS } from '../float-words.js';
import type { HeadSamples } from '../head/head-samples.js';
import { NO_SERIES } from '../head/head-series.js';
import type { ItemTally } from './item-tally.js';
import type { MetricCache, ScopeCache } from './metric-cache.js';

/** Told of the times of points, from which `target_info` follows. */
interface TimesSeen {
  seen(timeMs: number): void;
}

/** Half of Prometheus' look-back: how `target_info` repeats (signals' target-info). */
const TARGET_INTERVAL_MS = 150_000;

/** Takes metrics by way of the model: decoded, translated, added. What MetricWire does faster, this defines. */
export class MetricModel {
  constructor(private readonly hot: HeadSamples, private readonly tenant: string, private readonly receivedNs: bigint, private readonly deltas: DeltaState, private readonly tally: ItemTally, private readonly translation: TranslateOptions) {}

  /** A whole metric, of which some points may be left out. */
  metric(scope: ScopeCache, bytes: Uint8Array, items: ItemCounter, times: TimesSeen): void {
    const all = decodeMetrics(requestOfMetric(scope, bytes));
    const wanted: number[] = [];
    const skip: number[] = [];
    for (let i = 0, count = countItems(all); i < count; i++) (items.take() ? wanted : skip).push(i);
    if (wanted.length === 0) return;
    const data = skip.length === 0 ? all : decodeMetrics(requestOfMetric(scope, bytes), skip);
    const cumulative = this.deltas.convert(this.tenant, data, (reason) => this.tally.drop(reason));
    this.times(cumulative, times);
    addBatch(this.hot, this.tenant, toPrometheus(cumulative, { ...this.translation, receivedNs: this.receivedNs, targetInfo: false }), this.tally);
  }

  /** Points of a gauge, a cumulative sum or a cumulative histogram. Answers the series of each. */
  points(scope: ScopeCache, metric: MetricCache, points: readonly Uint8Array[], times: TimesSeen): readonly (readonly number[])[] {
    let data: MetricsData;
    try {
      data = decodeMetrics(requestOfMetric(scope, metricWithPoints(metric, points)));
    } catch (error) {
      // Those before the broken one are taken.
      if (points.length === 1) throw error;
      return points.map((point) => this.points(scope, metric, [point], times)[0]);
    }
    this.times(data, times);
    const batch = toPrometheus(data, { ...this.translation, receivedNs: this.receivedNs, targetInfo: false });
    for (const { reason } of batch.dropped) this.tally.drop(reason);
    if (batch.metadata.length > 0 && metric.recordedIn !== this.hot) {
      metric.metadata = batch.metadata;
      this.record(metric);
    }
    const refs: (readonly number[])[] = points.map(() => []);
    eachItem(batch.samples, (samples, item) => {
      const added = addItem(this.hot, this.tenant, samples);
      if (added.reason === null) this.tally.delivered++;
      else this.tally.drop(added.reason);
      refs[item] = added.refs;
    });
    return refs;
  }

  /** Notes the metric's metadata in the generation. */
  record(metric: MetricCache): void {
    for (const metadata of metric.metadata) this.hot.addMetadata(this.tenant, metadata);
    metric.recordedIn = this.hot;
  }

  /** Adds a resource's `target_info` from the earliest to the latest of its points. */
  targetInfo(scope: ScopeCache, earliestMs: number, latestMs: number): void {
    const samples = this.hot.tenant(this.tenant);
    if (scope.target === undefined) this.findTarget(scope);
    const { target } = scope;
    if (!target) return;
    if (target.recordedIn !== this.hot) {
      target.recordedIn = this.hot;
      this.hot.addMetadata(this.tenant, target.metadata);
    }
    FLOAT[0] = 1;
    const add = (timeMs: number): number => samples.add(target.ref, timeMs, WORDS[0], WORDS[1], null);
    if (latestMs - earliestMs <= TARGET_INTERVAL_MS) {
      add(earliestMs);
      if (latestMs !== earliestMs) add(latestMs);
    } else for (const { timeMs } of targetSamples(scope, this.translation, earliestMs, latestMs).samples) add(timeMs);
  }

  private findTarget(scope: ScopeCache): void {
    const { samples, metadata } = targetSamples(scope, this.translation, 0, 0);
    if (samples.length === 0) {
      scope.target = null;
      return;
    }
    const ref = this.hot.seriesOf(this.tenant, samples[0].labels);
    if (ref !== NO_SERIES) scope.target = { ref, metadata: metadata[0], recordedIn: null };
  }

  private times(data: MetricsData, times: TimesSeen): void {
    for (const { scopeMetrics } of data.resourceMetrics) {
      for (const { metrics } of scopeMetrics) {
        for (const { values } of metrics) {
          if (values.type === 'none') continue;
          for (const { timeNs } of values.dataPoints) times.seen(Number((timeNs === 0n ? this.receivedNs : timeNs) / 1_000_000n));
        }
      }
    }
  }
}

/** The samples of a resource's `target_info` between two times. */
function targetSamples(scope: ScopeCache, translation: TranslateOptions, earliestMs: number, latestMs: number): Pick<ReturnType<typeof toPrometheus>, 'samples' | 'metadata'> {
  const [{ resource }] = decodeMetrics(requestOfMetric(scope, new Uint8Array(0))).resourceMetrics;
  const point = (timeMs: number) => ({ attributes: [], startNs: 0n, timeNs: BigInt(timeMs) * 1_000_000n, flags: 0, value: 0, exemplars: [] });
  const metric = { name: 'x', description: '', unit: '', metadata: [], values: { type: 'gauge' as const, dataPoints: [point(earliestMs), point(latestMs)] } };
  // A time of 0 stands for the time received, which is 0 here.
  const batch = toPrometheus({ resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [metric] }] }] }, { ...translation, receivedNs: 0n });
  return { samples: batch.samples.filter(({ item }) => item < 0), metadata: batch.metadata.filter(({ name }) => name !== 'x') };
}
