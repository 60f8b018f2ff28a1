import type { Metric, MetricValues } from '@signalbox/signals/model/metric';
import type { SignalData } from '../../component.js';
import { mapList } from '../../ottl/walk/list.js';
import { pointsOf } from '../../ottl/walk/metrics.js';
import type { TemporalPoint } from './accumulated.js';
import { groupKey } from './stream-key.js';

export type TemporalValues = Exclude<MetricValues, { type: 'gauge' } | { type: 'summary' } | { type: 'none' }>;

/** Metrics that have a temporality. */
export function temporalValues({ values }: Metric): TemporalValues | null {
  return values.type === 'sum' || values.type === 'histogram' || values.type === 'exponentialHistogram' ? values : null;
}

/** Answers each metric anew; `first` is the number of its first point. The same data where nothing changed. */
export function mapMetrics(data: SignalData, tenant: string, change: (metric: Metric, group: () => string, first: number) => Metric): SignalData {
  if (data.signal !== 'metrics') return data;
  let first = 0;
  const { resourceMetrics } = data.metrics;
  const changed = mapList(resourceMetrics, (resource) => {
    const scopeMetrics = mapList(resource.scopeMetrics, (scoped) => {
      let key: string | null = null;
      const group = (): string => (key ??= groupKey(tenant, resource.resource, scoped.scope));
      const metrics = mapList(scoped.metrics, (metric) => {
        const made = change(metric, group, first);
        first += pointsOf(metric.values).length;
        return made;
      });
      return metrics === scoped.metrics ? scoped : { ...scoped, metrics };
    });
    return scopeMetrics === resource.scopeMetrics ? resource : { ...resource, scopeMetrics };
  });
  return changed === resourceMetrics ? data : { signal: 'metrics', metrics: { resourceMetrics: changed } };
}

/** The metric with other points, as many as before, and another temporality. */
export function withPoints(metric: Metric, values: TemporalValues, temporality: number, change: (point: TemporalPoint, index: number) => TemporalPoint): Metric {
  const points: readonly TemporalPoint[] = values.dataPoints;
  // Points keep their type: changes answer what they were given, with other values.
  return { ...metric, values: { ...values, temporality, dataPoints: points.map(change) } as MetricValues };
}
