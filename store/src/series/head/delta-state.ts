import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { ExponentialHistogramDataPoint, HistogramDataPoint, Metric, MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import { addExponential, addHistogram, addNumber } from './delta-sum.js';

const DELTA = 1;
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;
/** A delta point that is not later than the one before of its stream cannot be added. */
export const DELTA_OUT_OF_ORDER = 'delta_out_of_order';

type DeltaPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint;

/**
 * Sums of delta streams, so that their points become cumulative ones, as Prometheus' delta-to-cumulative translation makes them.
 * The sums are in memory: after a restart they begin at zero again, which queries see as a counter's reset. Beyond the limit the
 * stream that had no point for longest begins again.
 */
export class DeltaState {
  private readonly sums = new Map<string, DeltaPoint>();

  constructor(private readonly limit: number) {}

  clear(): void {
    this.sums.clear();
  }

  /** Cumulative points in the place of delta ones; `dropped` counts those that could not be added. */
  convert(tenant: string, data: MetricsData, dropped: (reason: string) => void): MetricsData {
    return {
      resourceMetrics: data.resourceMetrics.map((ofResource) => ({
        ...ofResource,
        scopeMetrics: ofResource.scopeMetrics.map((ofScope) => {
          const { scope } = ofScope;
          const stream = [tenant, attributesToJson(ofResource.resource?.attributes ?? []), scope?.name, scope?.version, attributesToJson(scope?.attributes ?? [])];
          return { ...ofScope, metrics: ofScope.metrics.map((metric) => this.metric(stream, metric, dropped)) };
        }),
      })),
    };
  }

  private metric(stream: readonly unknown[], metric: Metric, dropped: (reason: string) => void): Metric {
    const { values } = metric;
    if (!('temporality' in values) || values.temporality !== DELTA || (values.type === 'sum' && !values.monotonic)) return metric;
    const key = (point: DeltaPoint): string => JSON.stringify([...stream, metric.name, metric.unit, values.type, attributesToJson(point.attributes)]);
    const convert = <T extends DeltaPoint>(points: readonly T[], add: (sum: T, point: T) => T): T[] => points.flatMap((point) => {
      const sum = this.add(key(point), point, add);
      if (sum === null) dropped(DELTA_OUT_OF_ORDER);
      return sum === null ? [] : [sum];
    });
    switch (values.type) {
      case 'sum':
        return { ...metric, values: { ...values, temporality: CUMULATIVE, dataPoints: convert(values.dataPoints, addNumber) } };
      case 'histogram':
        return { ...metric, values: { ...values, temporality: CUMULATIVE, dataPoints: convert(values.dataPoints, addHistogram) } };
      case 'exponentialHistogram':
        return { ...metric, values: { ...values, temporality: CUMULATIVE, dataPoints: convert(values.dataPoints, addExponential) } };
    }
  }

  private add<T extends DeltaPoint>(key: string, point: T, add: (sum: T, point: T) => T): T | null {
    const before = this.sums.get(key) as T | undefined;
    if (before !== undefined && point.timeNs <= before.timeNs) return null;
    if ((point.flags & NO_RECORDED_VALUE) !== 0) return point;
    const sum = before === undefined ? point : { ...add(before, point), startNs: before.startNs };
    this.sums.delete(key);
    this.sums.set(key, { ...sum, exemplars: [] });
    if (this.sums.size > this.limit) for (const [oldest] of this.sums) {
      this.sums.delete(oldest);
      break;
    }
    return sum;
  }
}
