import type { Signal } from '../model/signal.js';
import { Reader } from './protobuf/reader.js';
import { Writer } from './protobuf/writer.js';

/** Export*PartialSuccess. `rejected` of 0 with a message is a warning: everything was taken. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** google.rpc.Status; `code` is one of google.rpc.Code, the same numbers as gRPC's status codes. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  /** From google.rpc.RetryInfo; null where the server gave none. */
  readonly retryDelayMs: number | null;
}

const REJECTED: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints',
};

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** An Export{Trace,Logs,Metrics}ServiceResponse in protobuf; the three agree in their field numbers. */
export function encodeExportResponse(_signal: Signal, partial?: PartialSuccess): Uint8Array {
  const writer = new Writer(partial === undefined ? 0 : 64 + 3 * partial.message.length);
  if (partial !== undefined) {
    const end = writer.mark();
    writer.string(18, partial.message); // 2 error_message
    if (partial.rejected > 0) writer.setInt64(8, BigInt(partial.rejected)); // 1 rejected_…
    writer.message(10, end); // 1 partial_success
  }
  return writer.finish();
}

/** The same in OTLP/JSON, to be serialized. */
export function exportResponseJson(signal: Signal, partial?: PartialSuccess): object {
  if (partial === undefined) return {};
  return {
    partialSuccess: {
      ...(partial.rejected > 0 ? { [REJECTED[signal]]: String(partial.rejected) } : {}),
      ...(partial.message === '' ? {} : { errorMessage: partial.message }),
    },
  };
}

/** Reads an Export*ServiceResponse; null where all was taken. @throws OtlpError on malformed bytes */
export function decodeExportResponse(bytes: Uint8Array): PartialSuccess | null {
  const reader = new Reader(bytes, 0);
  let partial: PartialSuccess | null = null;
  while (reader.pos < bytes.length) {
    const tag = reader.tag(bytes.length);
    if (tag === 10) partial = readPartialSuccess(reader, reader.limit(bytes.length));
    else reader.skip(tag, bytes.length);
  }
  return partial !== null && partial.rejected === 0 && partial.message === '' ? null : partial;
}

function readPartialSuccess(reader: Reader, end: number): PartialSuccess {
  let rejected = 0;
  let message = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 8) rejected = Number(reader.int64(end));
    else if (tag === 18) message = reader.string(end);
    else reader.skip(tag, end);
  }
  return { rejected, message };
}

/**
 * google.rpc.Status in protobuf: the body of an OTLP/HTTP error, and `grpc-status-details-bin`. `retryDelayMs` puts
 * google.rpc.RetryInfo among the details, which tells a client that it may try again and when.
 */
export function encodeStatus(code: number, message: string, retryDelayMs?: number): Uint8Array {
  const writer = new Writer(128 + 3 * message.length);
  if (retryDelayMs !== undefined) {
    const any = writer.mark();
    const retryInfo = writer.mark();
    const duration = writer.mark();
    writer.uint32(16, (Math.round(retryDelayMs) % 1000) * 1_000_000); // 2 nanos
    writer.uint32(8, Math.floor(Math.round(retryDelayMs) / 1000)); // 1 seconds
    writer.message(10, duration); // 1 retry_delay
    writer.message(18, retryInfo); // 2 value
    writer.string(10, RETRY_INFO); // 1 type_url
    writer.message(26, any); // 3 details
  }
  writer.string(18, message);
  writer.int32(8, code);
  return writer.finish();
}

/** The same in protobuf's JSON mapping, to be serialized. */
export function statusJson(code: number, message: string, retryDelayMs?: number): object {
  return {
    code,
    message,
    ...(retryDelayMs === undefined ? {} : { details: [{ '@type': RETRY_INFO, retryDelay: `${Math.round(retryDelayMs) / 1000}s` }] }),
  };
}

/** Reads a google.rpc.Status. @throws OtlpError on malformed bytes */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  const reader = new Reader(bytes, 0);
  const end = bytes.length;
  let code = 0;
  let message = '';
  let retryDelayMs: number | null = null;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 8) code = reader.int32(end);
    else if (tag === 18) message = reader.string(end);
    else if (tag === 26) retryDelayMs = readRetryDelay(reader, reader.limit(end)) ?? retryDelayMs;
    else reader.skip(tag, end);
  }
  return { code, message, retryDelayMs };
}

/** An Any; null where it is no RetryInfo. */
function readRetryDelay(reader: Reader, end: number): number | null {
  let type = '';
  let value: Uint8Array = new Uint8Array(0);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) type = reader.string(end);
    else if (tag === 18) value = reader.blob(end);
    else reader.skip(tag, end);
  }
  if (type !== RETRY_INFO) return null;
  const retryInfo = new Reader(value, 0);
  let delayMs = 0;
  while (retryInfo.pos < value.length) {
    const tag = retryInfo.tag(value.length);
    if (tag === 10) delayMs = readDurationMs(retryInfo, retryInfo.limit(value.length));
    else retryInfo.skip(tag, value.length);
  }
  return delayMs;
}

function readDurationMs(reader: Reader, end: number): number {
  let ms = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 8) ms += Number(reader.int64(end)) * 1000;
    else if (tag === 16) ms += reader.int32(end) / 1e6;
    else reader.skip(tag, end);
  }
  return ms;
}
