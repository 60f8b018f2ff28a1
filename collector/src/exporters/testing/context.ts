import type { Batch, BatchPart, ComponentContext, SignalData } from '../../component.js';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { TracesData } from '@signalbox/signals/model/span';
import { systemClock } from '../../telemetry/clock.js';
import { encodeRequest } from '../otlp/encode.js';

/** What exporters' tests give them: a silent logger, the machine's clock, metrics that go nowhere. */
export function testContext(more: Partial<ComponentContext> = {}): ComponentContext {
  const silent = (): void => undefined;
  return {
    id: 'test',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock(),
    metrics: { count: silent, gauge: silent, observe: silent },
    dataDir: '.',
    journalId: '0190a7c5-1e3f-7a0b-9c2d-3e4f5a6b7c8d',
    ...more,
  };
}

type Data = LogsData | MetricsData | TracesData;

/** A batch of the given data, one part each, at positions 1000, 2000, … */
export function batchOf(tenant: string, ...parts: readonly Data[]): Batch {
  const made = parts.map((data, i) => partOf(data, 1000 * (i + 1)));
  const first = made[0];
  if (first === undefined) throw new Error('a batch has a part at least');
  return { tenant, signal: first.data.signal, parts: made, items: made.reduce((sum, part) => sum + part.items, 0) };
}

export function partOf(data: Data, position: number): BatchPart {
  const signalData: SignalData =
    'resourceLogs' in data ? { signal: 'logs', logs: data } : 'resourceSpans' in data ? { signal: 'traces', traces: data } : { signal: 'metrics', metrics: data };
  const items = countOf(signalData);
  return { position, receivedNs: BigInt(Date.now()) * 1_000_000n, data: signalData, items, ordinals: Uint32Array.from({ length: items }, (_, i) => i), wire: encodeRequest(signalData), wireItems: null };
}

function countOf(data: SignalData): number {
  switch (data.signal) {
    case 'logs':
      return data.logs.resourceLogs.flatMap((r) => r.scopeLogs).reduce((sum, s) => sum + s.logRecords.length, 0);
    case 'traces':
      return data.traces.resourceSpans.flatMap((r) => r.scopeSpans).reduce((sum, s) => sum + s.spans.length, 0);
    case 'metrics':
      return data.metrics.resourceMetrics
        .flatMap((r) => r.scopeMetrics)
        .flatMap((s) => s.metrics)
        .reduce((sum, { values }) => sum + (values.type === 'none' ? 0 : values.dataPoints.length), 0);
  }
}
