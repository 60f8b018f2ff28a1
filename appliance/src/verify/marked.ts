import { randomBytes, randomUUID } from 'node:crypto';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { TracesData } from '@signalbox/signals/model/span';

export const VERIFY_SERVICE = 'signalbox-verify';
export const VERIFY_METRIC = 'signalbox_verify';

/** One trace, one log line and one metric that can be told from all others. */
export interface Marked {
  readonly marker: string;
  readonly traceId: string;
  /** Of the span, which the log line names too. */
  readonly spanId: string;
  /** Unix nanoseconds of all three. */
  readonly nowNs: bigint;
  /** Value of the metric, exact in a double. */
  readonly value: number;
  readonly traces: TracesData;
  readonly logs: LogsData;
  readonly metrics: MetricsData;
}

export function makeMarked(nowNs: bigint): Marked {
  const marker = randomUUID();
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  const value = randomBytes(4).readUInt32LE();
  const none = { droppedAttributesCount: 0 };
  const attributes = [{ key: 'verify.marker', value: marker }];
  // Samplers that keep a share keep what says so (OpenTracing's convention, which OpenTelemetry's probabilistic sampler honours).
  const wanted = [...attributes, { key: 'sampling.priority', value: 1n }];
  const resource: Resource = { attributes: [{ key: 'service.name', value: VERIFY_SERVICE }, { key: 'service.instance.id', value: marker }], ...none };
  const scope: Scope = { name: 'signalbox.verify', version: '', attributes: [], ...none };
  return {
    marker, traceId, spanId, nowNs, value,
    traces: { resourceSpans: [{ resource, schemaUrl: '', scopeSpans: [{ scope, schemaUrl: '', spans: [{
      traceId, spanId, traceState: '', parentSpanId: '', flags: 0, name: 'verify', kind: 1, startNs: nowNs - 1_000_000n, endNs: nowNs, attributes: wanted, ...none,
      events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 1, message: '' },
    }] }] }] },
    logs: { resourceLogs: [{ resource, schemaUrl: '', scopeLogs: [{ scope, schemaUrl: '', logRecords: [{
      timeNs: nowNs, observedTimeNs: nowNs, severityNumber: 9, severityText: 'INFO', body: `signalbox verify ${marker}`, attributes, ...none, flags: 0, traceId, spanId, eventName: '',
    }] }] }] },
    metrics: { resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope, schemaUrl: '', metrics: [{
      name: VERIFY_METRIC, description: 'Sent by signalbox verify.', unit: '', metadata: [],
      values: { type: 'gauge', dataPoints: [{ attributes: [{ key: 'marker', value: marker }], startNs: 0n, timeNs: nowNs, flags: 0, value, exemplars: [] }] },
    }] }] }] },
  };
}
