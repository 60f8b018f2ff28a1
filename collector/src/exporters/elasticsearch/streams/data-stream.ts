import { createHash } from 'node:crypto';
import type { Signal } from '@signalbox/signals/model/signal';

/** `traces-generic.otel-default`: type, dataset and namespace. */
export interface DataStreamName {
  readonly type: Signal;
  readonly dataset: string;
  readonly namespace: string;
}

const MAX_PART_CHARACTERS = 100;
const HASH_DIGITS = 8;
export const OTEL_SUFFIX = '.otel';

export function dataStreamName(type: Signal, dataset: string, tenant: string): DataStreamName {
  return { type, dataset, namespace: namespaceOf(tenant) };
}

export function streamText({ type, dataset, namespace }: DataStreamName): string {
  return `${type}-${dataset}-${namespace}`;
}

/** What an attribute says of a dataset or namespace, made so that Elasticsearch takes it, as the Collector makes it. */
export function sanitized(text: string, part: 'dataset' | 'namespace'): string {
  const forbidden = part === 'dataset' ? /[-\\/*?"<>| ,#:]/g : /[\\/*?"<>| ,#:]/g;
  return text.toLowerCase().replace(forbidden, '_').replace(/[^\x21-\x7e]/g, '_').slice(0, MAX_PART_CHARACTERS);
}

/**
 * Namespaces are lower case and without some characters. A tenant that has to be changed for that gets a digest of its
 * name behind it, so that no two tenants share a data stream.
 */
export function namespaceOf(tenant: string): string {
  const allowed = tenant.toLowerCase().replace(/[^a-z0-9_.-]/g, '_');
  if (allowed === tenant && tenant.length <= MAX_PART_CHARACTERS && tenant !== '') return tenant;
  const digest = createHash('sha256').update(tenant).digest('hex').slice(0, HASH_DIGITS);
  return `${allowed.slice(0, MAX_PART_CHARACTERS - HASH_DIGITS - 1)}_${digest}`;
}
