import { emptyResource } from '@opentelemetry/resources';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { ConsoleLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { MetricReader, PushMetricExporter, ViewOptions } from '@opentelemetry/sdk-metrics';
import { ConsoleMetricExporter, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { BatchQueue } from './batch/batch-queue.js';
import { LogBatcher } from './batch/log-batcher.js';
import { SpanBatcher } from './batch/span-batcher.js';
import { ExemplarReservoir } from './exemplars/reservoir.js';
import { exemplarViews } from './exemplars/views.js';
import { collectNow } from './export/outbox/collect-now.js';
import { OutboxMetricExporter } from './export/outbox/metric-exporter.js';
import type { Outbox } from './export/outbox/outbox.js';
import { plainLogRecord } from './export/outbox/plain-log-record.js';
import { plainSpan } from './export/outbox/plain-span.js';
import { sendable } from './export/outbox/sendable.js';
import type { PromClientProducer } from './prom-client/producer.js';
import type { Reachability } from './reachability.js';
import type { SelfMetrics } from './self-metrics.js';
import type { AgentSettings } from './settings/settings.js';

/** What the SDK is given: processors and readers, as the settings name exporters. */
export interface Pipeline {
  readonly spanProcessors: SpanProcessor[];
  readonly logRecordProcessors: LogRecordProcessor[];
  readonly metricReaders: MetricReader[];
  readonly views: ViewOptions[];
  /** Collects the metrics that need no turn of the event loop and exports them; for the end of a process. */
  collectNow(): void;
  /** Hands everything that waits to the outbox; synchronous. */
  flush(): void;
}

/** Who is told what became of spans and log records. */
export interface Account {
  readonly reachability: Reachability;
  readonly selfMetrics: SelfMetrics;
}

interface MetricSource {
  readonly reader: MetricReader;
  readonly exporter: PushMetricExporter;
  readonly producer: PromClientProducer;
}

export function createPipeline(settings: AgentSettings, outbox: Outbox, account: Account, createProducer: () => PromClientProducer): Pipeline {
  const spans = createSpanQueue(settings, outbox, account);
  const logs = createLogQueue(settings, outbox, account);
  const reservoir = new ExemplarReservoir();
  // A view would make explicit buckets of the exponential ones that were asked for.
  const exemplars = settings.exemplars && settings.exporters.metrics.includes('otlp') && !settings.exponentialHistograms;
  const metrics = settings.exporters.metrics.flatMap((name): MetricSource[] => {
    if (name === 'none') return [];
    const exporter = name === 'console' ? new ConsoleMetricExporter() : new OutboxMetricExporter(outbox, settings.temporality, settings.exponentialHistograms, reservoir);
    const producer = createProducer();
    const reader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: settings.metricIntervalMs,
      exportTimeoutMillis: settings.metricTimeoutMs,
      metricProducers: [producer],
    });
    return [{ reader, exporter, producer }];
  });
  outbox.onReady('traces', () => spans.resume());
  outbox.onReady('logs', () => logs.resume());
  return {
    spanProcessors: settings.exporters.traces.flatMap((name): SpanProcessor[] => {
      if (name === 'otlp') return exemplars ? [new SpanBatcher(spans), reservoir] : [new SpanBatcher(spans)];
      return name === 'console' ? [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })] : [];
    }),
    logRecordProcessors: settings.exporters.logs.flatMap((name): LogRecordProcessor[] => {
      if (name === 'otlp') return [new LogBatcher(logs)];
      return name === 'console' ? [new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() })] : [];
    }),
    metricReaders: metrics.map(({ reader }) => reader),
    views: exemplars ? exemplarViews(reservoir) : [],
    collectNow() {
      for (const { reader, exporter, producer } of metrics) {
        const scopeMetrics = [...collectNow(reader, Date.now()), ...producer.collectNow()];
        if (scopeMetrics.length > 0) exporter.export({ resource: emptyResource(), scopeMetrics }, () => {});
      }
    },
    flush() {
      spans.flush();
      logs.flush();
    },
  };
}

function createSpanQueue(settings: AgentSettings, outbox: Outbox, { reachability, selfMetrics }: Account): BatchQueue<ReadableSpan> {
  return new BatchQueue(settings.spans, {
    ready: () => outbox.ready('traces'),
    prepare: () => outbox.prepare(),
    dropped(count) {
      reachability.dropped('traces', count);
      selfMetrics.processed('traces', count, 'queue_full');
    },
    send(items) {
      selfMetrics.processed('traces', items.length, null);
      const spans = items.map(plainSpan);
      outbox.send({ signal: 'traces', spans }, spans.length, () => {
        const sifted = spans.filter(sendable);
        return sifted.length === 0 ? null : { payload: { signal: 'traces', spans: sifted }, items: sifted.length };
      });
    },
  });
}

function createLogQueue(settings: AgentSettings, outbox: Outbox, { reachability, selfMetrics }: Account): BatchQueue<ReadableLogRecord> {
  return new BatchQueue(settings.logs, {
    ready: () => outbox.ready('logs'),
    prepare: () => outbox.prepare(),
    dropped(count) {
      reachability.dropped('logs', count);
      selfMetrics.processed('logs', count, 'queue_full');
    },
    send(items) {
      selfMetrics.processed('logs', items.length, null);
      const records = items.map(plainLogRecord);
      outbox.send({ signal: 'logs', records }, records.length, () => {
        const sifted = records.filter(sendable);
        return sifted.length === 0 ? null : { payload: { signal: 'logs', records: sifted }, items: sifted.length };
      });
    },
  });
}
