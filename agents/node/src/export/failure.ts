/** Why a request failed, in the words that decide what to do about it. */
export type FailureKind = 'unreachable' | 'timeout' | 'overloaded' | 'unauthenticated' | 'forbidden' | 'unimplemented' | 'rejected';

export interface Failure {
  readonly kind: FailureKind;
  /** One line for people, without secrets. */
  readonly text: string;
  /** Whether the same request can succeed later (OTLP specification, "Failures" of gRPC and HTTP). */
  readonly retryable: boolean;
}

const GRPC: Readonly<Record<number, FailureKind>> = {
  1: 'overloaded', 4: 'timeout', 7: 'forbidden', 8: 'overloaded', 10: 'overloaded', 11: 'overloaded', 12: 'unimplemented',
  14: 'unreachable', 15: 'overloaded', 16: 'unauthenticated',
};
const HTTP: Readonly<Record<number, FailureKind>> = {
  401: 'unauthenticated', 403: 'forbidden', 404: 'unimplemented', 405: 'unimplemented', 429: 'overloaded', 502: 'unreachable',
  503: 'overloaded', 504: 'timeout',
};
const RETRYABLE: ReadonlySet<FailureKind> = new Set<FailureKind>(['unreachable', 'timeout', 'overloaded']);
const MAX_TEXT = 200;

/** Sorts what an OTLP exporter answers: a gRPC status, an HTTP status, or a network error of Node's. */
export function failureOf(error: Error | undefined, secret: string | undefined): Failure {
  const kind = kindOf(error);
  return { kind, text: textOf(error, secret), retryable: RETRYABLE.has(kind) };
}

function kindOf(error: Error | undefined): FailureKind {
  const code: unknown = error !== undefined && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return (code < 100 ? GRPC[code] : HTTP[code]) ?? 'rejected';
  if (typeof code === 'string') return /TIMEDOUT|TIMEOUT/.test(code) ? 'timeout' : 'unreachable';
  // The HTTP exporter gives up on a retryable status, or on a time-out, without a code.
  return error !== undefined && /timeout|timed out|retryable/i.test(error.message) ? 'timeout' : 'rejected';
}

function textOf(error: Error | undefined, secret: string | undefined): string {
  const text = (error?.message ?? 'no reason given').split('\n', 1)[0] ?? '';
  const clean = secret === undefined ? text : text.replaceAll(secret.replace(/^Bearer /, ''), '…');
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT)}…` : clean;
}
