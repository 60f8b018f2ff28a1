import type { MetricsData, MetricValues } from '@signalbox/signals/model/metric';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import type { Batch, ComponentContext, ConnectorFactory, Derived } from '../component.js';
import { detachedPlace } from '../config/place.js';
import { systemClock } from '../telemetry/clock.js';
import { createLogger } from '../telemetry/logger.js';
import { createMetrics } from '../telemetry/metrics.js';

export const START = 1_700_000_000_000_000_000n;
export const SECOND = 1_000_000_000n;

export function connectorOf<C>(factory: ConnectorFactory<C>, settings: Record<string, unknown> = {}) {
  const metrics = createMetrics();
  const lines: string[] = [];
  const logger = createLogger({ stream: { write: (line) => void lines.push(line) } });
  const context: ComponentContext = { id: factory.type, logger, clock: systemClock(), metrics, dataDir: '/nonexistent', journalId: 'test' };
  const connector = factory.create(factory.parseConfig(settings, detachedPlace('(test)', ['connectors', factory.type])), context);
  return { connector, metrics, lines };
}

/** One frame of spans, by service. */
export function batchOf(services: Readonly<Record<string, readonly Span[]>>, receivedNs: bigint, tenant = 'default'): Batch {
  const traces: TracesData = {
    resourceSpans: Object.entries(services).map(([service, spans]) => ({
      resource: { attributes: [{ key: 'service.name', value: service }, { key: 'host.name', value: `${service}-1` }], droppedAttributesCount: 0 },
      schemaUrl: '',
      scopeSpans: [{ scope: { name: 'express', version: '1.0', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', spans }],
    })),
  };
  const items = Object.values(services).reduce((sum, spans) => sum + spans.length, 0);
  return { tenant, signal: 'traces', items, parts: [{ position: 0, receivedNs, data: { signal: 'traces', traces }, items, ordinals: Uint32Array.from({ length: items }, (_, i) => i) }] };
}

export interface Row {
  readonly tenant: string;
  readonly name: string;
  readonly unit: string;
  readonly labels: string;
  readonly resource: string;
  readonly values: MetricValues;
  readonly point: Exclude<MetricValues, { type: 'none' }>['dataPoints'][number];
}

/** Data points, one a row. Labels as `key=value`, in their order. */
export function rowsOf(derived: readonly Derived[]): readonly Row[] {
  const text = (attributes: MetricsData['resourceMetrics'][number]['scopeMetrics'][number]['metrics'][number]['metadata']): string => attributes.map(({ key, value }) => `${key}=${String(value)}`).join(' ');
  return derived.flatMap(({ tenant, data }) => {
    if (data.signal !== 'metrics') throw new Error('not metrics');
    return data.metrics.resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ name, unit, values }) => (values.type === 'none' ? [] : values.dataPoints.map((point): Row => ({ tenant, name, unit, labels: text(point.attributes), resource: text(resource?.attributes ?? []), values, point })))),
      ),
    );
  });
}

/** `name{labels}` → a sum's value or a histogram's count. */
export function countsOf(derived: readonly Derived[]): Readonly<Record<string, number>> {
  return Object.fromEntries(rowsOf(derived).map(({ name, labels, point }) => [`${name}{${labels}}`, Number('value' in point ? point.value : point.count)]));
}
