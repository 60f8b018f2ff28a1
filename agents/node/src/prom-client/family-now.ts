import type { PromExemplar, PromFamily, PromMetric, PromValue } from './registries.js';

type Labels = Readonly<Record<string, string | number>>;

/**
 * The values of a metric without waiting for them, which `get` would: for the last moment of a process. Null for
 * metrics with a collect function of the application's, for summaries, and where prom-client is not as it is known here.
 */
export function familyNow(metric: PromMetric): PromFamily | null {
  const { name, help, hashMap } = { name: read(metric, 'name'), help: read(metric, 'help'), hashMap: read(metric, 'hashMap') };
  if (typeof name !== 'string' || !isRecord(hashMap) || typeof read(metric, 'collect') === 'function') return null;
  const series = Object.values(hashMap);
  const base = { name, help: typeof help === 'string' ? help : '' };
  switch (metric.constructor.name) {
    case 'Counter':
      return { ...base, type: 'counter', values: series.filter(isValue) };
    case 'Gauge':
      return { ...base, type: 'gauge', values: series.filter(isValue) };
    case 'Histogram':
      return { ...base, type: 'histogram', values: series.filter(isHistogramSeries).flatMap((one) => histogramValues(name, one)) };
    default:
      return null;
  }
}

interface HistogramSeries {
  readonly labels: Labels;
  readonly bucketValues: Readonly<Record<string, number>>;
  readonly bucketExemplars?: Readonly<Record<string, PromExemplar>>;
  readonly sum: number;
  readonly count: number;
}

/** As `get` gives them: each bucket with all below it. */
function histogramValues(name: string, { labels, bucketValues, bucketExemplars, sum, count }: HistogramSeries): PromValue[] {
  let below = 0;
  const buckets = Object.keys(bucketValues).sort((a, b) => Number(a) - Number(b)).map((bound): PromValue => {
    below += bucketValues[bound] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: Number(bound) }, value: below, exemplar: bucketExemplars?.[bound] ?? null };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count, exemplar: bucketExemplars?.['-1'] ?? null },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isValue(value: unknown): value is PromValue {
  return isRecord(value) && typeof value['value'] === 'number';
}

function isHistogramSeries(value: unknown): value is HistogramSeries {
  return isRecord(value) && isRecord(value['bucketValues']) && isRecord(value['labels']) && typeof value['sum'] === 'number' && typeof value['count'] === 'number';
}

function read(metric: PromMetric, name: string): unknown {
  return Reflect.get(metric, name);
}
