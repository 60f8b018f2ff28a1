import { createConnection } from 'node:net';
import { EXPORT_METHOD, grpcCall } from '../probe/grpc-call.js';

/** What answers at an address, found out by speaking to it. */
export type Listener =
  | { readonly kind: 'nobody'; readonly code: string }
  | { readonly kind: 'otlp-grpc'; readonly refused: string | null; readonly dateHeader: string | null }
  | { readonly kind: 'otlp-http'; readonly refused: string | null; readonly dateHeader: string | null }
  /** Signalbox's port for queries and the console. */
  | { readonly kind: 'signalbox-console'; readonly dateHeader: string | null }
  | { readonly kind: 'other'; readonly detail: string };

const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** Sends an empty export request over gRPC, then over HTTP: both are valid and store nothing. */
export async function whoListens(host: string, port: number, token: string | null, timeoutMs: number): Promise<Listener> {
  const code = await connects(host, port, timeoutMs);
  if (code !== null) return { kind: 'nobody', code };
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const grpc = await grpcCall({ url: `http://${authority}`, method: EXPORT_METHOD.traces, message: new Uint8Array(0), token, timeoutMs });
  if (grpc.kind === 'answered' && grpc.status !== UNIMPLEMENTED) {
    const refused = grpc.status === UNAUTHENTICATED || grpc.status === PERMISSION_DENIED ? grpc.message : null;
    return { kind: 'otlp-grpc', refused, dateHeader: grpc.dateHeader };
  }
  const headers = { 'content-type': 'application/x-protobuf', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  try {
    const response = await fetch(`http://${authority}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(0), signal: AbortSignal.timeout(timeoutMs) });
    const dateHeader = response.headers.get('date');
    const text = (await response.text()).slice(0, 300);
    if (response.ok) return { kind: 'otlp-http', refused: null, dateHeader };
    if (response.status === 401 || response.status === 403) return { kind: 'otlp-http', refused: text, dateHeader };
    const health = await fetch(`http://${authority}/healthz`, { signal: AbortSignal.timeout(timeoutMs) });
    if (health.ok && (await health.text()).includes('"status":"ok"')) return { kind: 'signalbox-console', dateHeader };
    return { kind: 'other', detail: `it answers HTTP ${response.status} to POST /v1/traces` };
  } catch (error) {
    return { kind: 'other', detail: `it speaks neither gRPC nor HTTP (${(error as { cause?: Error }).cause?.message ?? (error as Error).message})` };
  }
}

/** Null when a connection opens, else the system's code. */
function connects(host: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: timeoutMs });
    const finish = (code: string | null): void => {
      socket.destroy();
      resolve(code);
    };
    socket.on('connect', () => finish(null));
    socket.on('timeout', () => finish('ETIMEDOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}
