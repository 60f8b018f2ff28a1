import { createHash } from 'node:crypto';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { Resource } from '@signalbox/signals/model/resource';
import type { ResourceSpans, ScopeSpans, Span } from '@signalbox/signals/model/span';
import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import { countItems } from '@signalbox/signals/otlp/count';
import type { Batch, SignalData } from '../../component.js';
import { selectItems } from '../../delivery/reading/select.js';
import { spanItems } from '../items.js';
import { encodeRequest } from '../otlp/encode.js';
import { mergedData } from '../otlp/merge.js';

/** One message on its way. */
export interface KafkaMessage {
  /** Messages of one key stay in order; null: any partition. */
  readonly key: string | null;
  readonly value: Uint8Array;
  /** Numbers in the batch, ascending. */
  readonly items: readonly number[];
}

/** A batch as messages: spans by trace, metrics and log records by resource. */
export function kafkaMessages(batch: Batch): KafkaMessage[] {
  switch (batch.signal) {
    case 'traces':
      return traceMessages(batch);
    case 'logs':
      return resourceMessages(batch, (data) => (data.signal === 'logs' ? data.logs.resourceLogs : []), (one): LogsData => ({ resourceLogs: [one] }), (logs) => ({ signal: 'logs', logs }), () => null);
    case 'metrics':
      return resourceMessages(batch, (data) => (data.signal === 'metrics' ? data.metrics.resourceMetrics : []), (one): MetricsData => ({ resourceMetrics: [one] }), (metrics) => ({ signal: 'metrics', metrics }), (one) => resourceKey(one.resource));
  }
}

/** A message in two, of half of the items each; it has two at least. */
export function halves(batch: Batch, message: KafkaMessage): KafkaMessage[] {
  const middle = Math.ceil(message.items.length / 2);
  return [message.items.slice(0, middle), message.items.slice(middle)].map((items) => ({ key: message.key, items, value: encodeRequest(mergedData(selectItems(batch, items))) }));
}

interface OpenTrace {
  readonly resourceSpans: (Omit<ResourceSpans, 'scopeSpans'> & { readonly scopeSpans: (Omit<ScopeSpans, 'spans'> & { readonly spans: Span[] })[] })[];
  readonly items: number[];
}

function traceMessages(batch: Batch): KafkaMessage[] {
  const traces = new Map<string, OpenTrace>();
  for (const { item, span, resource, resourceSchemaUrl, scope, scopeSchemaUrl } of spanItems(batch)) {
    let trace = traces.get(span.traceId);
    if (trace === undefined) traces.set(span.traceId, (trace = { resourceSpans: [], items: [] }));
    let ofResource = trace.resourceSpans.at(-1);
    if (ofResource === undefined || ofResource.resource !== resource || ofResource.schemaUrl !== resourceSchemaUrl) {
      trace.resourceSpans.push((ofResource = { resource, schemaUrl: resourceSchemaUrl, scopeSpans: [] }));
    }
    let ofScope = ofResource.scopeSpans.at(-1);
    if (ofScope === undefined || ofScope.scope !== scope || ofScope.schemaUrl !== scopeSchemaUrl) {
      ofResource.scopeSpans.push((ofScope = { scope, schemaUrl: scopeSchemaUrl, spans: [] }));
    }
    ofScope.spans.push(span);
    trace.items.push(item);
  }
  return [...traces].map(([key, { resourceSpans, items }]) => ({ key, items, value: encodeRequest({ signal: 'traces', traces: { resourceSpans } }) }));
}

function resourceMessages<R, D extends LogsData | MetricsData>(batch: Batch, groupsOf: (data: SignalData) => readonly R[], wrap: (one: R) => D, signalData: (data: D) => SignalData, keyOf: (one: R) => string | null): KafkaMessage[] {
  const messages: KafkaMessage[] = [];
  let first = 0;
  for (const { data } of batch.parts) {
    for (const one of groupsOf(data)) {
      const content = wrap(one);
      const count = countItems(content);
      const start = first;
      first += count;
      if (count > 0) messages.push({ key: keyOf(one), items: Array.from({ length: count }, (_, i) => start + i), value: encodeRequest(signalData(content)) });
    }
  }
  return messages;
}

function resourceKey(resource: Resource | null): string {
  const sorted = [...(resource?.attributes ?? [])].sort((a, b) => (a.key < b.key ? -1 : 1));
  return createHash('sha256').update(attributesToJson(sorted)).digest('hex').slice(0, 32);
}
