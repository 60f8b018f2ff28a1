import type { Batch, SignalData } from '../../component.js';

/** All parts of a batch as the content of one request. */
export function mergedData(batch: Batch): SignalData {
  const all = batch.parts.map(({ data }) => data);
  switch (batch.signal) {
    case 'traces':
      return { signal: 'traces', traces: { resourceSpans: all.flatMap((data) => (data.signal === 'traces' ? data.traces.resourceSpans : [])) } };
    case 'logs':
      return { signal: 'logs', logs: { resourceLogs: all.flatMap((data) => (data.signal === 'logs' ? data.logs.resourceLogs : [])) } };
    case 'metrics':
      return { signal: 'metrics', metrics: { resourceMetrics: all.flatMap((data) => (data.signal === 'metrics' ? data.metrics.resourceMetrics : [])) } };
  }
}
