import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { NumberDataPoint } from '@signalbox/signals/model/metric';

const POINTS_PER_METRIC = 100;

/** An ExportMetricsServiceRequest of cumulative counters; each send counts on, with new times. */
export class MetricTemplate {
  #sends = 0;

  constructor(readonly points: number, readonly service: string, readonly startNs: bigint) {}

  encode(timeNs: bigint): Buffer {
    const sends = ++this.#sends;
    const metrics = Array.from({ length: Math.ceil(this.points / POINTS_PER_METRIC) }, (_, m) => ({
      name: `app.requests.${m}`, description: 'Requests.', unit: '1', metadata: [],
      values: { type: 'sum' as const, temporality: 2, monotonic: true, dataPoints: Array.from({ length: Math.min(POINTS_PER_METRIC, this.points - m * POINTS_PER_METRIC) }, (_, i): NumberDataPoint => ({
        attributes: [{ key: 'route', value: `/api/v1/r${i % 20}` }, { key: 'status', value: BigInt(200 + Math.floor(i / 20) * 100) }],
        startNs: this.startNs, timeNs, flags: 0, value: BigInt(sends * (i + 1)), exemplars: [],
      })) },
    }));
    return Buffer.from(encodeMetrics({ resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: this.service }], droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] }));
  }
}
