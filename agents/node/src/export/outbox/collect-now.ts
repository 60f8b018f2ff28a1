import { millisToHrTime } from '@opentelemetry/core';
import type { MetricReader, ScopeMetrics } from '@opentelemetry/sdk-metrics';

/** What is used of the SDK's state below a reader; none of it is public, and none of it is taken for granted. */
interface Collector {
  readonly _sharedState: { readonly meterSharedStates: ReadonlyMap<string, MeterState> };
}

interface MeterState {
  readonly _instrumentationScope: ScopeMetrics['scope'];
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
}

interface Storage {
  collect(collector: Collector, time: [number, number]): ScopeMetrics['metrics'][number] | undefined;
}

/**
 * What the instruments below a reader hold, at once: the SDK's own collection takes turns of the event loop, and a
 * process that exits has none left. Observable instruments are not asked. Empty where the SDK is not the one that is
 * known here.
 */
export function collectNow(reader: MetricReader, nowMs: number): ScopeMetrics[] {
  const collector: unknown = Reflect.get(reader, '_sdkMetricProducer');
  if (!isCollector(collector)) return [];
  const time = millisToHrTime(nowMs);
  const collected: ScopeMetrics[] = [];
  for (const { _instrumentationScope: scope, metricStorageRegistry } of collector._sharedState.meterSharedStates.values()) {
    const metrics = metricStorageRegistry.getStorages(collector).flatMap((storage) => storage.collect(collector, time) ?? []);
    if (metrics.length > 0) collected.push({ scope, metrics });
  }
  return collected;
}

function isCollector(value: unknown): value is Collector {
  const state = field(value, '_sharedState');
  const meters = field(state, 'meterSharedStates');
  return meters instanceof Map && [...meters.values()].every((meter) => typeof field(field(meter, 'metricStorageRegistry'), 'getStorages') === 'function' && field(meter, '_instrumentationScope') !== undefined);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
