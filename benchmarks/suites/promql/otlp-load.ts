import type { NumberDataPoint } from '@signalbox/signals/model/metric';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';

const PER_METRIC = 100;

/** An ExportMetricsServiceRequest of cumulative counters: `points` series of one resource, 100 a metric, as a number of clients would send them. */
export function otlpCounters(service: string, points: number, timeMs: number, step: number): Uint8Array {
  const timeNs = BigInt(timeMs) * 1_000_000n;
  const metrics = Array.from({ length: Math.ceil(points / PER_METRIC) }, (_, m) => ({
    name: `app.requests.${m}`, description: 'Requests.', unit: '1', metadata: [],
    values: { type: 'sum' as const, temporality: 2, monotonic: true, dataPoints: Array.from({ length: Math.min(PER_METRIC, points - m * PER_METRIC) }, (_, i): NumberDataPoint => ({
      attributes: [{ key: 'http.route', value: `/api/v1/r${i % 20}` }, { key: 'http.response.status_code', value: BigInt(200 + Math.floor(i / 20) * 100) }],
      startNs: 0n, timeNs, flags: 0, value: BigInt(step * (i + 1)), exemplars: [],
    })) },
  }));
  const resource = { attributes: [{ key: 'service.name', value: service }, { key: 'service.instance.id', value: `${service}-0` }, { key: 'host.name', value: 'h1' }], droppedAttributesCount: 0 };
  return encodeMetrics({ resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] });
}
