import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Metric, MetricValues } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span } from '@signalbox/signals/model/span';
import type { SignalData } from '../../component.js';
import type { AnyDataPoint } from '../../ottl/evaluation-context.js';
import { mapList } from '../../ottl/walk/list.js';

/** Where items stand; one object, filled again for each group. */
export interface Surroundings {
  /** As it was before the edit. */
  resource: Resource | null;
  scope: Scope | null;
  /** The scope's, else the resource's. */
  schemaUrl: string;
}

/** What is done to each thing; what is absent leaves it alone. Answering what was given means no change. */
export interface Edit {
  resource?(resource: Resource | null, schemaUrl: string): Resource | null;
  scope?(scope: Scope): Scope;
  span?(span: Span, around: Surroundings): Span;
  log?(log: LogRecord, around: Surroundings): LogRecord;
  /** Before its points. */
  metric?(metric: Metric, around: Surroundings): Metric;
  point?(point: AnyDataPoint, metric: Metric, around: Surroundings): AnyDataPoint;
  /** The schema URL that groups have afterwards. */
  schemaUrl?(url: string): string;
}

interface Group {
  readonly resource: Resource | null;
  readonly schemaUrl: string;
}

interface Scoped {
  readonly scope: Scope | null;
  readonly schemaUrl: string;
}

/** In document order. The same data where nothing changed. */
export function editData(data: SignalData, edit: Edit): SignalData {
  const around: Surroundings = { resource: null, scope: null, schemaUrl: '' };
  switch (data.signal) {
    case 'traces': {
      const { resourceSpans } = data.traces;
      const { span } = edit;
      const changed = mapList(resourceSpans, (group) => {
        const scopeSpans = mapList(group.scopeSpans, (scoped) => {
          enter(around, group, scoped);
          const spans = span ? mapList(scoped.spans, (each) => span(each, around)) : scoped.spans;
          return edited(scoped, edit, spans === scoped.spans ? null : { spans });
        });
        return regrouped(group, edit, scopeSpans === group.scopeSpans ? null : { scopeSpans });
      });
      return changed === resourceSpans ? data : { signal: 'traces', traces: { resourceSpans: changed } };
    }
    case 'logs': {
      const { resourceLogs } = data.logs;
      const { log } = edit;
      const changed = mapList(resourceLogs, (group) => {
        const scopeLogs = mapList(group.scopeLogs, (scoped) => {
          enter(around, group, scoped);
          const logRecords = log ? mapList(scoped.logRecords, (each) => log(each, around)) : scoped.logRecords;
          return edited(scoped, edit, logRecords === scoped.logRecords ? null : { logRecords });
        });
        return regrouped(group, edit, scopeLogs === group.scopeLogs ? null : { scopeLogs });
      });
      return changed === resourceLogs ? data : { signal: 'logs', logs: { resourceLogs: changed } };
    }
    case 'metrics': {
      const { resourceMetrics } = data.metrics;
      const changed = mapList(resourceMetrics, (group) => {
        const scopeMetrics = mapList(group.scopeMetrics, (scoped) => {
          enter(around, group, scoped);
          const metrics = mapList(scoped.metrics, (metric) => editMetric(metric, edit, around));
          return edited(scoped, edit, metrics === scoped.metrics ? null : { metrics });
        });
        return regrouped(group, edit, scopeMetrics === group.scopeMetrics ? null : { scopeMetrics });
      });
      return changed === resourceMetrics ? data : { signal: 'metrics', metrics: { resourceMetrics: changed } };
    }
  }
}

function enter(around: Surroundings, group: Group, scoped: Scoped): void {
  around.resource = group.resource;
  around.scope = scoped.scope;
  around.schemaUrl = scoped.schemaUrl || group.schemaUrl;
}

function edited<S extends Scoped>(scoped: S, edit: Edit, content: Partial<S> | null): S {
  const scope = scoped.scope && edit.scope ? edit.scope(scoped.scope) : scoped.scope;
  const schemaUrl = edit.schemaUrl ? edit.schemaUrl(scoped.schemaUrl) : scoped.schemaUrl;
  return content || scope !== scoped.scope || schemaUrl !== scoped.schemaUrl ? { ...scoped, ...content, scope, schemaUrl } : scoped;
}

function regrouped<G extends Group>(group: G, edit: Edit, content: Partial<G> | null): G {
  const resource = edit.resource ? edit.resource(group.resource, group.schemaUrl) : group.resource;
  const schemaUrl = edit.schemaUrl ? edit.schemaUrl(group.schemaUrl) : group.schemaUrl;
  return content || resource !== group.resource || schemaUrl !== group.schemaUrl ? { ...group, ...content, resource, schemaUrl } : group;
}

function editMetric(metric: Metric, edit: Edit, around: Surroundings): Metric {
  const { point } = edit;
  const changed = edit.metric ? edit.metric(metric, around) : metric;
  if (!point || changed.values.type === 'none') return changed;
  const before: readonly AnyDataPoint[] = changed.values.dataPoints;
  const dataPoints = mapList(before, (each) => point(each, changed, around));
  // Points keep the type that their metric has: edits answer what they were given, with other attributes or values.
  return dataPoints === before ? changed : { ...changed, values: { ...changed.values, dataPoints } as MetricValues };
}
