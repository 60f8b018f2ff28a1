import type { Signal } from '@signalbox/signals/model/signal';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeExportResponse, decodeStatus } from '@signalbox/signals/otlp/response';
import type { Authorization } from '../http/authorization.js';
import { compressed, type Compression } from '../http/compression.js';
import { NoAnswer, networkMessage } from '../http/failure.js';
import { causeOf, oneLine } from '../http/verdict.js';
import { DEFAULT_TENANT } from '../tenant.js';
import type { GrpcAnswer, GrpcChannel } from './grpc-channel.js';
import { requestBytes } from './request-bytes.js';
import type { OtlpAnswer, OtlpRequest, OtlpSender } from './sender.js';

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

const NAMES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
] as const;
type Name = (typeof NAMES)[number];

/** What the specification of OTLP calls retryable (OTLP/gRPC, Failures), but RESOURCE_EXHAUSTED, which is so with RetryInfo only. */
const RETRYABLE: ReadonlySet<Name> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS']);
/** Not about the content either: a person mends them while the data waits. */
const WAITING: ReadonlySet<Name> = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'UNIMPLEMENTED']);

/** OTLP over gRPC. */
export class OtlpGrpcSender implements OtlpSender {
  constructor(private readonly channel: GrpcChannel, private readonly headers: Readonly<Record<string, string>>, private readonly authorization: Authorization, private readonly compression: Compression) {}

  async send({ batch: { signal: of, parts, tenant }, batchId }: OtlpRequest, signal: AbortSignal): Promise<OtlpAnswer> {
    const message = requestBytes(of, parts);
    const { compression } = this;
    const payload = compression === 'none' ? message : await compressed(message, compression);
    let authorization: Readonly<Record<string, string>>;
    try {
      authorization = this.authorization.headers();
    } catch (error) {
      return { kind: 'retry', cause: { reason: networkMessage(error) } };
    }
    const headers = {
      ...authorization,
      ...this.headers,
      ...(compression === 'none' ? {} : { 'grpc-encoding': compression }),
      ...(tenant === DEFAULT_TENANT ? {} : { 'x-scope-orgid': tenant }),
      'signalbox-batch-id': batchId,
    };
    try {
      return toOtlpAnswer(await this.channel.unary(METHODS[of], headers, framed(payload, compression !== 'none'), signal));
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'retry', cause: causeOf(error) };
      throw error;
    }
  }

  close(): void {
    this.channel.close();
  }
}

export function toOtlpAnswer(answer: GrpcAnswer): OtlpAnswer {
  const name: Name = NAMES[answer.code] ?? 'UNKNOWN';
  if (name === 'OK') return partialSuccess(answer.body);
  const reason = `${name}${answer.message === '' ? '' : `: ${oneLine(answer.message)}`}`;
  const afterMs = retryDelay(answer.details);
  if (RETRYABLE.has(name) || WAITING.has(name) || (name === 'RESOURCE_EXHAUSTED' && afterMs !== null)) {
    return { kind: 'retry', cause: { reason, ...(afterMs === null ? {} : { afterMs }) } };
  }
  return { kind: 'refused', reason };
}

export function partialSuccess(body: Uint8Array): OtlpAnswer {
  try {
    const partial = decodeExportResponse(body);
    return { kind: 'accepted', rejected: partial?.rejected ?? 0, message: oneLine(partial?.message ?? '') };
  } catch (error) {
    // The status says that it was taken; what the answer says beside it is lost.
    if (error instanceof OtlpError) return { kind: 'accepted', rejected: 0, message: `unreadable answer: ${error.message}` };
    throw error;
  }
}

function retryDelay(details: Uint8Array | null): number | null {
  if (details === null) return null;
  try {
    return decodeStatus(details).retryDelayMs;
  } catch (error) {
    if (error instanceof OtlpError) return null;
    throw error;
  }
}

function framed(payload: Uint8Array, compressed: boolean): Buffer {
  const frame = Buffer.allocUnsafe(5 + payload.length);
  frame[0] = compressed ? 1 : 0;
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, 5);
  return frame;
}
