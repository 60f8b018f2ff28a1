import type { MetricValues } from '@signalbox/signals/model/metric';
import type { Batch, BatchPart, SignalData } from '../../component.js';
import { sampleData, selectSamples } from './sample-data.js';
import { lazyData } from './wire-part.js';

/** A batch of some items of another, in the same order; `items` ascends. Parts, groups and metrics left empty are gone. */
export function selectItems(batch: Batch, items: readonly number[]): Batch {
  const parts: BatchPart[] = [];
  let first = 0;
  let at = 0;
  for (const part of batch.parts) {
    const kept: number[] = [];
    while (at < items.length && items[at]! < first + part.items) kept.push(items[at++]! - first);
    if (kept.length > 0) parts.push(kept.length === part.items ? part : selectOfPart(part, kept));
    first += part.items;
  }
  return { tenant: batch.tenant, signal: batch.signal, parts, items: items.length };
}

function selectOfPart(part: BatchPart, kept: readonly number[]): BatchPart {
  const some = { ...part, items: kept.length, ordinals: Uint32Array.from(kept, (index) => part.ordinals[index]!) };
  const select = (): SignalData => selectOfData(part.data, new Picker(part.items, kept));
  if (part.wire === undefined) return { ...some, data: select() };
  const { wireItems } = part;
  return { ...some, data: lazyData(part.data.signal, select), wireItems: wireItems ? Uint32Array.from(kept, (index) => wireItems[index]!) : Uint32Array.from(kept) };
}

/** Walks items in document order and says which stay. */
class Picker {
  readonly #wanted: Uint8Array;
  #next = 0;

  constructor(items: number, kept: readonly number[]) {
    this.#wanted = new Uint8Array(items);
    for (const index of kept) this.#wanted[index] = 1;
  }

  pick<T>(items: readonly T[]): readonly T[] {
    return items.filter(this.next);
  }

  /** Whether the next item stays. */
  readonly next = (): boolean => this.#wanted[this.#next++] === 1;
}

function selectOfData(data: SignalData, picker: Picker): SignalData {
  switch (data.signal) {
    case 'traces':
      return {
        signal: 'traces',
        traces: {
          resourceSpans: data.traces.resourceSpans
            .map((resource) => ({ ...resource, scopeSpans: resource.scopeSpans.map((scope) => ({ ...scope, spans: picker.pick(scope.spans) })).filter((scope) => scope.spans.length > 0) }))
            .filter((resource) => resource.scopeSpans.length > 0),
        },
      };
    case 'logs':
      return {
        signal: 'logs',
        logs: {
          resourceLogs: data.logs.resourceLogs
            .map((resource) => ({ ...resource, scopeLogs: resource.scopeLogs.map((scope) => ({ ...scope, logRecords: picker.pick(scope.logRecords) })).filter((scope) => scope.logRecords.length > 0) }))
            .filter((resource) => resource.scopeLogs.length > 0),
        },
      };
    case 'metrics':
      if (data.prometheus) return sampleData(selectSamples(data.prometheus, picker.next));
      return {
        signal: 'metrics',
        metrics: {
          resourceMetrics: data.metrics.resourceMetrics
            .map((resource) => ({
              ...resource,
              scopeMetrics: resource.scopeMetrics
                .map((scope) => ({ ...scope, metrics: scope.metrics.map((metric) => ({ ...metric, values: selectOfValues(metric.values, picker) })).filter((metric) => metric.values.type !== 'none' && metric.values.dataPoints.length > 0) }))
                .filter((scope) => scope.metrics.length > 0),
            }))
            .filter((resource) => resource.scopeMetrics.length > 0),
        },
      };
  }
}

function selectOfValues(values: MetricValues, picker: Picker): MetricValues {
  switch (values.type) {
    case 'none':
      return values;
    case 'histogram':
      return { ...values, dataPoints: picker.pick(values.dataPoints) };
    case 'exponentialHistogram':
      return { ...values, dataPoints: picker.pick(values.dataPoints) };
    case 'summary':
      return { ...values, dataPoints: picker.pick(values.dataPoints) };
    case 'gauge':
    case 'sum':
      return { ...values, dataPoints: picker.pick(values.dataPoints) };
  }
}
