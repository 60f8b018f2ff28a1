import type { LogsData } from '../model/log-record.js';
import type { MetricsData } from '../model/metric.js';
import type { TracesData } from '../model/span.js';

/** Spans, log records or data points: what the ledger and partial success count. */
export function countItems(data: TracesData | LogsData | MetricsData): number {
  let items = 0;
  if ('resourceSpans' in data) {
    for (const { scopeSpans } of data.resourceSpans) for (const { spans } of scopeSpans) items += spans.length;
  } else if ('resourceLogs' in data) {
    for (const { scopeLogs } of data.resourceLogs) for (const { logRecords } of scopeLogs) items += logRecords.length;
  } else {
    for (const { scopeMetrics } of data.resourceMetrics) {
      for (const { metrics } of scopeMetrics) {
        for (const { values } of metrics) items += values.type === 'none' ? 0 : values.dataPoints.length;
      }
    }
  }
  return items;
}
