import type { IncomingHttpHeaders } from 'node:http';

/** In HTTP headers and gRPC metadata alike; the second is what the `otlp` exporters send. */
const NAMES = ['x-signalbox-batch-id', 'signalbox-batch-id'] as const;

/** The sender's id of the batch, if it gave one: a request with the id of an earlier one is acknowledged and not stored again. */
export function batchIdOf(headers: IncomingHttpHeaders): string | undefined {
  for (const name of NAMES) {
    const value = headers[name];
    if (value !== undefined) return typeof value === 'string' ? value : value[0];
  }
  return undefined;
}
