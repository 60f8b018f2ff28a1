import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';
import type { Metric, NumberDataPoint } from '@signalbox/signals/model/metric';

export type Kind = 'gauge' | 'counter' | 'upDownCounter';
export type Labels = Readonly<Record<string, string | number>>;

const CUMULATIVE = 2;

/** Metrics in the making: points of one name are put together. Whole numbers are written as ints. */
export class MetricSet {
  readonly #metrics = new Map<string, { readonly unit: string; readonly kind: Kind; readonly points: NumberDataPoint[] }>();

  /**
   * @param startNs since when counters count: the boot, or the start of the process
   * @param off metrics that are left out
   */
  constructor(
    readonly timeNs: bigint,
    readonly startNs: bigint,
    readonly off: ReadonlySet<string>,
  ) {}

  add(name: string, unit: string, kind: Kind, value: number | null | undefined, labels: Labels = {}): void {
    if (value === null || value === undefined || !Number.isFinite(value) || this.off.has(name)) return;
    let metric = this.#metrics.get(name);
    if (!metric) this.#metrics.set(name, (metric = { unit, kind, points: [] }));
    const attributes: KeyValue[] = Object.entries(labels).map(([key, each]): { key: string; value: AnyValue } => ({ key, value: typeof each === 'number' ? BigInt(each) : each }));
    const isDouble = unit === 's' || unit === '1' || name.includes('load_average');
    metric.points.push({ attributes, startNs: kind === 'gauge' ? 0n : this.startNs, timeNs: this.timeNs, flags: 0, value: isDouble ? value : BigInt(Math.round(value)), exemplars: [] });
  }

  metrics(): Metric[] {
    return [...this.#metrics].map(([name, { unit, kind, points }]) => ({
      name, description: '', unit, metadata: [],
      values: kind === 'gauge' ? { type: 'gauge', dataPoints: points } : { type: 'sum', dataPoints: points, temporality: CUMULATIVE, monotonic: kind === 'counter' },
    }));
  }
}
