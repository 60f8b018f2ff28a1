/** Names of OTLP's span kinds by number, as TraceQL, Jaeger and the readers write them. */
export const KIND_NAMES = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** Names of OTLP's status codes by number. */
export const STATUS_NAMES = ['unset', 'ok', 'error'] as const;

export function kindName(kind: number): string {
  return KIND_NAMES[kind] ?? 'unspecified';
}

export function statusName(code: number): string {
  return STATUS_NAMES[code] ?? 'unset';
}
