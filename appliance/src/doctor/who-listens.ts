import { createConnection } from 'node:net';
import { PLAIN_CALLER, tlsFailure, type Caller } from '../probe/caller.js';
import { EXPORT_METHOD, grpcCall } from '../probe/grpc-call.js';

/** What answers at an address, found out by speaking to it. */
export type Listener =
  | { readonly kind: 'nobody'; readonly code: string }
  | { readonly kind: 'otlp-grpc'; readonly refused: string | null; readonly dateHeader: string | null }
  | { readonly kind: 'otlp-http'; readonly refused: string | null; readonly dateHeader: string | null }
  /** Signalbox's port for queries and the console. */
  | { readonly kind: 'signalbox-console'; readonly dateHeader: string | null }
  /** It speaks TLS, and was spoken to in plain text. */
  | { readonly kind: 'tls' }
  /** It was spoken to over TLS, which failed. */
  | { readonly kind: 'tls-failed'; readonly detail: string }
  | { readonly kind: 'other'; readonly detail: string };

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** Sends an empty export request over gRPC, then over HTTP: both are valid and store nothing. @param url with its port */
export async function whoListens(url: URL, token: string | null, timeoutMs: number, caller: Caller = PLAIN_CALLER): Promise<Listener> {
  const port = url.port === '' ? DEFAULT_PORT[url.protocol]! : Number(url.port);
  const code = await connects(url.hostname.replace(/^\[|\]$/g, ''), port, timeoutMs);
  if (code !== null) return { kind: 'nobody', code };
  const base = `${url.protocol}//${url.hostname}:${port}`;
  const grpc = await grpcCall({ url: base, method: EXPORT_METHOD.traces, message: new Uint8Array(0), token, timeoutMs, tls: caller.tls });
  if (grpc.kind === 'answered' && grpc.status !== UNIMPLEMENTED) {
    const refused = grpc.status === UNAUTHENTICATED || grpc.status === PERMISSION_DENIED ? grpc.message : null;
    return { kind: 'otlp-grpc', refused, dateHeader: grpc.dateHeader };
  }
  const headers = { 'content-type': 'application/x-protobuf', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  try {
    const response = await caller.fetch(`${base}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(0), signal: AbortSignal.timeout(timeoutMs) });
    const dateHeader = response.headers.get('date');
    const text = (await response.text()).slice(0, 300);
    if (response.status === 400 && text.includes('speaks TLS')) return { kind: 'tls' };
    if (response.ok) return { kind: 'otlp-http', refused: null, dateHeader };
    if (response.status === 401 || response.status === 403) return { kind: 'otlp-http', refused: text, dateHeader };
    const health = await caller.fetch(`${base}/healthz`, { signal: AbortSignal.timeout(timeoutMs) });
    if (health.ok && (await health.text()).includes('"status":"ok"')) return { kind: 'signalbox-console', dateHeader };
    return { kind: 'other', detail: `it answers HTTP ${response.status} to POST /v1/traces` };
  } catch (error) {
    const failure = url.protocol === 'https:' ? tlsFailure(error) : null;
    if (failure !== null) return { kind: 'tls-failed', detail: failure };
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
