import type { Attributes } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Signal } from '@signalbox/signals/model/signal';
import type { OtlpTarget } from '../settings/otlp.js';
import type { Failure } from './failure.js';
import { failureOf } from './failure.js';
import type { Payload } from './messages.js';
import { readableLogRecord } from './plain-log-record.js';
import { readableSpan } from './plain-span.js';

/** One try to send a payload; null where the collector took it. */
export type Send = (payload: Payload) => Promise<Failure | null>;

/** What all OTLP exporters of OpenTelemetry have in common. */
interface Exporter<T> {
  export(items: T, done: (result: ExportResult) => void): void;
}

export interface Exporters {
  readonly traces: (target: OtlpTarget) => Promise<Exporter<ReadableSpan[]>>;
  readonly logs: (target: OtlpTarget) => Promise<Exporter<ReadableLogRecord[]>>;
  readonly metrics: (target: OtlpTarget) => Promise<Exporter<ResourceMetrics>>;
}

/** Sends payloads with OpenTelemetry's exporters, each loaded and connected when its signal first has something. */
export function createSend(targets: Readonly<Record<Signal, OtlpTarget>>, resourceAttributes: Attributes, exporters: Exporters): Send {
  const resource = resourceFromAttributes(resourceAttributes);
  const traces = once(() => exporters.traces(targets.traces));
  const logs = once(() => exporters.logs(targets.logs));
  const metrics = once(() => exporters.metrics(targets.metrics));
  return async (payload) => {
    try {
      switch (payload.signal) {
        case 'traces':
          return await send(await traces(), payload.spans.map((span) => readableSpan(span, resource)), targets.traces);
        case 'logs':
          return await send(await logs(), payload.records.map((record) => readableLogRecord(record, resource)), targets.logs);
        case 'metrics':
          return await send(await metrics(), { resource, scopeMetrics: [...payload.scopeMetrics] }, targets.metrics);
      }
    } catch (error) {
      return failureOf(error instanceof Error ? error : new Error(String(error)), targets[payload.signal].authorization);
    }
  };
}

async function send<T>(exporter: Exporter<T>, items: T, target: OtlpTarget): Promise<Failure | null> {
  const result = await new Promise<ExportResult>((resolve) => exporter.export(items, resolve));
  return result.code === ExportResultCode.SUCCESS ? null : failureOf(result.error, target.authorization);
}

function once<T>(create: () => Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => (created ??= create());
}
