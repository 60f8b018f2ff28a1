import { logsToJson } from '@signalbox/signals/otlp/json/logs';
import { metricsToJson } from '@signalbox/signals/otlp/json/metrics';
import { tracesToJson } from '@signalbox/signals/otlp/json/traces';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { SignalData } from '../../component.js';

/** An Export*ServiceRequest in protobuf. */
export function encodeRequest(data: SignalData): Uint8Array {
  switch (data.signal) {
    case 'traces':
      return encodeTraces(data.traces);
    case 'logs':
      return encodeLogs(data.logs);
    case 'metrics':
      return encodeMetrics(data.metrics);
  }
}

/** The same in OTLP/JSON, on one line. */
export function requestJson(data: SignalData): string {
  switch (data.signal) {
    case 'traces':
      return JSON.stringify(tracesToJson(data.traces));
    case 'logs':
      return JSON.stringify(logsToJson(data.logs));
    case 'metrics':
      return JSON.stringify(metricsToJson(data.metrics));
  }
}
