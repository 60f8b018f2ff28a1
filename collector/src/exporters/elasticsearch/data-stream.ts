import { createHash } from 'node:crypto';
import type { Signal } from '@signalbox/signals/model/signal';

/** `traces-generic.otel-default`: type, dataset and namespace, the last from the tenant. */
export interface DataStreamName {
  readonly type: Signal;
  readonly dataset: string;
  readonly namespace: string;
}

const MAX_NAMESPACE_BYTES = 100;
const HASH_DIGITS = 8;

export function dataStreamName(type: Signal, dataset: string, tenant: string): DataStreamName {
  return { type, dataset: `${dataset}.otel`, namespace: namespaceOf(tenant) };
}

export function streamText({ type, dataset, namespace }: DataStreamName): string {
  return `${type}-${dataset}-${namespace}`;
}

/**
 * Namespaces are lower case and without some characters. A tenant that has to be changed for that gets a digest of its
 * name behind it, so that no two tenants share a data stream.
 */
function namespaceOf(tenant: string): string {
  const allowed = tenant.toLowerCase().replace(/[^a-z0-9_.-]/g, '_');
  if (allowed === tenant && tenant.length <= MAX_NAMESPACE_BYTES && tenant !== '') return tenant;
  const digest = createHash('sha256').update(tenant).digest('hex').slice(0, HASH_DIGITS);
  return `${allowed.slice(0, MAX_NAMESPACE_BYTES - HASH_DIGITS - 1)}_${digest}`;
}
