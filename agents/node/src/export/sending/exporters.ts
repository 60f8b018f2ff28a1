import type { ExportResult } from '@opentelemetry/core';
import { ExportResultCode } from '@opentelemetry/core';
import type { Signal } from '@signalbox/signals/model/signal';
import type { OtlpTarget } from '../../settings/otlp.js';
import type { Batch } from '../batch.js';
import type { Failure } from '../failure.js';
import { failureOf } from '../failure.js';

/** One try to send a batch; null where the collector took it. */
export type Send = (batch: Batch) => Promise<Failure | null>;

/** An OTLP exporter of OpenTelemetry's that is given a request as it is to be sent. */
export interface RequestExporter {
  export(request: Uint8Array, done: (result: ExportResult) => void): void;
}

/** Makes the exporter of a signal; it sends with each request the id that `batchId` answers then. */
export type CreateExporter = (signal: Signal, target: OtlpTarget, batchId: () => string) => Promise<RequestExporter>;

/** Sends batches, of one signal one at a time; its exporter is loaded and connected when it first has something. */
export function createSend(signal: Signal, target: OtlpTarget, create: CreateExporter): Send {
  let batchId = '';
  let exporter: Promise<RequestExporter> | undefined;
  return async (batch) => {
    try {
      const request = await batch.bytes();
      const to = await (exporter ??= create(signal, target, () => batchId));
      batchId = batch.id;
      const result = await new Promise<ExportResult>((resolve) => to.export(request, resolve));
      return result.code === ExportResultCode.SUCCESS ? null : failureOf(result.error, target.authorization);
    } catch (error) {
      return failureOf(error instanceof Error ? error : new Error(String(error)), target.authorization);
    }
  };
}
