import assert from 'node:assert/strict';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SelfMetrics } from './self-metrics.js';
import { readSettings } from './settings/settings.js';

describe('SelfMetrics', () => {
  it('counts nothing before there is something, then by signal, component and reason', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
    const selfMetrics = new SelfMetrics(() => provider.getMeter('test'), readSettings({ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' }).otlp);
    const counted = async (): Promise<string[]> => {
      exporter.reset();
      await provider.forceFlush();
      return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(({ descriptor, dataPoints }) => dataPoints.map(({ attributes, value }) => `${descriptor.name} ${String(attributes['otel.component.name'])} ${String(attributes['error.type'] ?? '-')} ${String(value)}`)))).sort();
    };
    selfMetrics.exported('traces', 0, null);
    assert.deepEqual(await counted(), []);
    selfMetrics.exported('traces', 512, null);
    selfMetrics.exported('traces', 100, null);
    selfMetrics.exported('traces', 7, 'unreachable');
    selfMetrics.exported('logs', 3, 'spool_evicted');
    selfMetrics.exported('metrics', 40, null);
    selfMetrics.processed('traces', 619, null);
    selfMetrics.processed('logs', 5, 'queue_full');
    assert.deepEqual(await counted(), [
      'otel.sdk.exporter.log.exported otlp_http_json_log_exporter/0 spool_evicted 3',
      'otel.sdk.exporter.metric_data_point.exported otlp_grpc_metric_exporter/0 - 40',
      'otel.sdk.exporter.span.exported otlp_grpc_span_exporter/0 - 612',
      'otel.sdk.exporter.span.exported otlp_grpc_span_exporter/0 unreachable 7',
      'otel.sdk.processor.log.processed batching_log_processor/0 queue_full 5',
      'otel.sdk.processor.span.processed batching_span_processor/0 - 619',
    ]);
    await provider.shutdown();
  });
});
