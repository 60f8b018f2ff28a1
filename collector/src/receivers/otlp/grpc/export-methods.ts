import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import { encodeExportResponse } from '@signalbox/signals/otlp/response';
import type { ReceiverMeter } from '../../../intake/receiver-meter.js';
import { authorizeWrite } from '../../requests/authorize.js';
import { batchIdOf } from '../batch-id.js';
import type { OtlpIngest } from '../ingest.js';
import { Refusal } from '../../requests/refusal.js';
import type { TenantLimits } from '../../requests/tenant-limits.js';
import type { Authenticator } from '../../../component.js';
import type { GrpcMethod } from './method.js';
import { GrpcCode } from '../../requests/grpc-code.js';

/** opentelemetry-proto, collector/<signal>/v1. */
export const EXPORT_SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
};

export interface ExportOptions {
  readonly ingest: OtlpIngest;
  readonly auth: Authenticator;
  readonly limits: TenantLimits;
  readonly meter: ReceiverMeter;
  /** Signals that some pipeline takes. */
  readonly signals: readonly Signal[];
  readonly maxMessageBytes: number;
}

export function exportMethods(options: ExportOptions): readonly (readonly [path: string, method: GrpcMethod])[] {
  return SIGNALS.map((signal) => [`/${EXPORT_SERVICES[signal]}/Export`, options.signals.includes(signal) ? exportMethod(signal, options) : notTaken(signal)]);
}

function exportMethod(signal: Signal, { ingest, auth, limits, meter, maxMessageBytes }: ExportOptions): GrpcMethod {
  return {
    maxMessageBytes,
    authorize(headers, hold) {
      const tenant = authorizeWrite(auth, headers);
      hold.enter(limits, tenant);
      return tenant;
    },
    async handle(call, message, tenant, headers) {
      const partial = await ingest.accept(signal, tenant, message, batchIdOf(headers), meter, call.hold.share);
      call.reply(partial === null ? null : encodeExportResponse(signal, partial));
    },
  };
}

function notTaken(signal: Signal): GrpcMethod {
  const refuse = (): never => {
    throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 404, `no pipeline takes ${signal} here: add one below service.pipelines`);
  };
  return { maxMessageBytes: 0, authorize: refuse, handle: refuse };
}
