import { countItems } from '@signalbox/signals/otlp/count';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { metricWithPoints, requestOfMetric } from '@signalbox/signals/otlp/wire/single-metric';
import type { WireItems } from '@signalbox/signals/otlp/wire/wire-items';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import { targetSeriesOf } from '@signalbox/signals/prometheus/target-info';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import type { PrometheusBatch } from '@signalbox/signals/prometheus/types';
import type { MetricMemory, ScopeMemory } from './label-memory.js';

/** A translation of some data points. `items` says for each number that its samples have which item of the part it is. */
export interface Translated {
  readonly batch: PrometheusBatch;
  readonly items: readonly number[];
  /** Of the points, in Unix milliseconds. */
  readonly timesMs: readonly number[];
}

/** Points of one metric, as signals translates them. @throws OtlpError where the bytes are malformed */
export function translatePoints({ parts }: ScopeMemory, { head }: MetricMemory, points: readonly Uint8Array[], items: readonly number[], options: TranslateOptions): Translated {
  const data = decodeMetrics(requestOfMetric(parts, metricWithPoints(head, points)));
  return { batch: toPrometheus(data, { ...options, targetInfo: false }), items, timesMs: timesOf(data, options) };
}

/** A whole metric with the items of it that are wanted. @throws OtlpError where the bytes are malformed */
export function translateMetric({ parts }: ScopeMemory, metric: Uint8Array, wanted: WireItems, options: TranslateOptions): Translated {
  const request = requestOfMetric(parts, metric);
  const all = decodeMetrics(request);
  const items: number[] = [];
  const skip: number[] = [];
  for (let i = 0, count = countItems(all); i < count; i++) {
    const item = wanted.take();
    if (item < 0) skip.push(i);
    else items.push(item);
  }
  const data = skip.length === 0 ? all : decodeMetrics(request, skip);
  return { batch: toPrometheus(data, { ...options, targetInfo: false }), items, timesMs: timesOf(data, options) };
}

/** The series of the resource's `target_info`, or null. */
export function translateTarget({ parts }: ScopeMemory, options: TranslateOptions): ReturnType<typeof targetSeriesOf> {
  const [group] = decodeMetrics(requestOfMetric(parts, new Uint8Array(0))).resourceMetrics;
  return targetSeriesOf(group?.resource ?? null, options);
}

function timesOf(data: MetricsData, { receivedNs = 0n }: TranslateOptions): readonly number[] {
  const times: number[] = [];
  for (const { scopeMetrics } of data.resourceMetrics) {
    for (const { metrics } of scopeMetrics) {
      for (const { values } of metrics) {
        if (values.type === 'none') continue;
        for (const { timeNs } of values.dataPoints) times.push(Number((timeNs === 0n ? receivedNs : timeNs) / 1_000_000n));
      }
    }
  }
  return times;
}
