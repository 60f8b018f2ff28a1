import * as http2 from 'node:http2';
import type { CallerTls } from './caller.js';

export type GrpcAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly message: string; readonly body: Buffer; readonly dateHeader: string | null }
  /** Something listens and does not speak gRPC. */
  | { readonly kind: 'not-grpc'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly code: string; readonly detail: string };

export interface GrpcCall {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** Such as `/opentelemetry.proto.collector.trace.v1.TraceService/Export`. */
  readonly method: string;
  readonly message: Uint8Array;
  readonly token: string | null;
  readonly timeoutMs: number;
  /** Where the URL is one of https. */
  readonly tls?: CallerTls;
}

export const EXPORT_METHOD = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const;

/** One unary call, made plainly so that what goes wrong below gRPC can be told apart. */
export function grpcCall(call: GrpcCall): Promise<GrpcAnswer> {
  return new Promise((resolve) => {
    let done = false;
    // Node counts what is on its way as a session's memory, and ends streams beyond 10 MB.
    const session = http2.connect(call.url, { maxSessionMemory: 1024, ...call.tls });
    const finish = (answer: GrpcAnswer): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish({ kind: 'unreachable', code: 'ETIMEDOUT', detail: `no answer within ${call.timeoutMs} ms` }), call.timeoutMs);
    session.on('error', (error: NodeJS.ErrnoException) => finish(describe(error)));
    // A server that answers the HTTP/2 preface with HTTP/1 text makes the session end without any stream's answer.
    session.on('close', () => finish({ kind: 'not-grpc', detail: 'the connection was closed without an HTTP/2 answer' }));
    const stream = session.request({
      ':method': 'POST', ':path': call.method, 'content-type': 'application/grpc', te: 'trailers',
      ...(call.token === null ? {} : { authorization: `Bearer ${call.token}` }),
    });
    const chunks: Buffer[] = [];
    let headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    let trailers: http2.IncomingHttpHeaders = {};
    stream.on('response', (received) => { headers = received; });
    stream.on('trailers', (received) => { trailers = received; });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error: NodeJS.ErrnoException) => finish(describe(error)));
    stream.on('end', () => {
      const status = trailers['grpc-status'] ?? headers['grpc-status'];
      if (status === undefined) {
        finish({ kind: 'not-grpc', detail: `it answered HTTP ${headers[':status']} without a grpc-status` });
        return;
      }
      finish({
        kind: 'answered', status: Number(status), message: decodeMessage(String(trailers['grpc-message'] ?? headers['grpc-message'] ?? '')),
        body: Buffer.concat(chunks).subarray(5), dateHeader: headers.date ?? null,
      });
    });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(call.message.length, 1);
    stream.write(prefix);
    stream.end(call.message);
  });
}

function describe(error: NodeJS.ErrnoException): GrpcAnswer {
  const code = error.code ?? '';
  if (/^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EAI_AGAIN)$/.test(code)) return { kind: 'unreachable', code, detail: error.message };
  return { kind: 'not-grpc', detail: error.message };
}

function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
