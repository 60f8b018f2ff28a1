import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData, MetricValues } from '@signalbox/signals/model/metric';
import type { TracesData } from '@signalbox/signals/model/span';
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

/** The items from `start` to before `end`, in document order, with the resources, scopes and metrics around them. */
export function slicedData(data: SignalData, start: number, end: number): SignalData {
  const window = new ItemWindow(start, end);
  switch (data.signal) {
    case 'traces':
      return { signal: 'traces', traces: slicedTraces(data.traces, window) };
    case 'logs':
      return { signal: 'logs', logs: slicedLogs(data.logs, window) };
    case 'metrics':
      return { signal: 'metrics', metrics: slicedMetrics(data.metrics, window) };
  }
}

/** Runs over lists of items one after the other and takes from each what is within. */
class ItemWindow {
  private seen = 0;

  constructor(private readonly start: number, private readonly end: number) {}

  take<T>(items: readonly T[]): readonly T[] {
    const from = Math.max(0, this.start - this.seen);
    const to = Math.max(0, this.end - this.seen);
    this.seen += items.length;
    return from === 0 && to >= items.length ? items : items.slice(from, to);
  }
}

function slicedTraces({ resourceSpans }: TracesData, window: ItemWindow): TracesData {
  return {
    resourceSpans: resourceSpans
      .map((resource) => ({ ...resource, scopeSpans: resource.scopeSpans.map((scope) => ({ ...scope, spans: window.take(scope.spans) })).filter(({ spans }) => spans.length > 0) }))
      .filter(({ scopeSpans }) => scopeSpans.length > 0),
  };
}

function slicedLogs({ resourceLogs }: LogsData, window: ItemWindow): LogsData {
  return {
    resourceLogs: resourceLogs
      .map((resource) => ({ ...resource, scopeLogs: resource.scopeLogs.map((scope) => ({ ...scope, logRecords: window.take(scope.logRecords) })).filter(({ logRecords }) => logRecords.length > 0) }))
      .filter(({ scopeLogs }) => scopeLogs.length > 0),
  };
}

function slicedMetrics({ resourceMetrics }: MetricsData, window: ItemWindow): MetricsData {
  return {
    resourceMetrics: resourceMetrics
      .map((resource) => ({
        ...resource,
        scopeMetrics: resource.scopeMetrics
          .map((scope) => ({ ...scope, metrics: scope.metrics.map((metric) => ({ ...metric, values: slicedValues(metric.values, window) })).filter(({ values }) => values.type !== 'none' && values.dataPoints.length > 0) }))
          .filter(({ metrics }) => metrics.length > 0),
      }))
      .filter(({ scopeMetrics }) => scopeMetrics.length > 0),
  };
}

function slicedValues(values: MetricValues, window: ItemWindow): MetricValues {
  switch (values.type) {
    case 'none':
      return values;
    case 'gauge':
    case 'sum':
      return { ...values, dataPoints: window.take(values.dataPoints) };
    case 'histogram':
      return { ...values, dataPoints: window.take(values.dataPoints) };
    case 'exponentialHistogram':
      return { ...values, dataPoints: window.take(values.dataPoints) };
    case 'summary':
      return { ...values, dataPoints: window.take(values.dataPoints) };
  }
}
