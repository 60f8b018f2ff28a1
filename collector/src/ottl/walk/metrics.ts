import type { Metric, MetricsData, MetricValues, ResourceMetrics, ScopeMetrics } from '@signalbox/signals/model/metric';
import { NO_CACHE, type AnyDataPoint, type EvaluationContext, type LooseDataPoint } from '../evaluation-context.js';
import type { OttlContext } from '../paths/contexts.js';
import { mapList } from './list.js';
import type { Visit } from './visit.js';

/** Answers new objects for what the visits changed, and the same ones for everything else. */
export function walkMetrics(data: MetricsData, context: EvaluationContext, level: OttlContext, visit: Visit): MetricsData {
  let next = 0;
  const resourceMetrics = mapList(data.resourceMetrics, (group): ResourceMetrics => {
    context.enterResource(group.resource, group.schemaUrl);
    let { scopeMetrics } = group;
    if (level === 'resource') {
      const count = scopeMetrics.reduce((sum, { metrics }) => sum + countPoints(metrics), 0);
      visit(next, count);
      next += count;
    } else {
      scopeMetrics = mapList(scopeMetrics, (scoped): ScopeMetrics => {
        context.enterScope(scoped.scope, scoped.schemaUrl);
        let { metrics } = scoped;
        if (level === 'scope') {
          const count = countPoints(metrics);
          visit(next, count);
          next += count;
        } else {
          metrics = mapList(metrics, (metric) => {
            const first = next;
            next += pointsOf(metric.values).length;
            return visitMetric(metric, context, level, visit, first);
          });
        }
        if (metrics === scoped.metrics && !context.scope.changed && !context.scopeSchema.changed) return scoped;
        return { scope: context.scope.changed ? context.scope.current : scoped.scope, schemaUrl: context.scopeSchema.current.schemaUrl, metrics };
      });
    }
    const { resource, resourceSchema } = context;
    if (scopeMetrics === group.scopeMetrics && !resource.changed && !resourceSchema.changed) return group;
    return { resource: resource.changed ? resource.current : group.resource, schemaUrl: resourceSchema.current.schemaUrl, scopeMetrics };
  });
  return resourceMetrics === data.resourceMetrics ? data : { resourceMetrics };
}

export function pointsOf(values: MetricValues): readonly AnyDataPoint[] {
  return values.type === 'none' ? [] : values.dataPoints;
}

function countPoints(metrics: readonly Metric[]): number {
  return metrics.reduce((sum, { values }) => sum + pointsOf(values).length, 0);
}

function visitMetric(metric: Metric, context: EvaluationContext, level: OttlContext, visit: Visit, first: number): Metric {
  context.metric.reset(metric);
  context.cache = NO_CACHE;
  if (level === 'metric') {
    visit(first, pointsOf(metric.values).length);
    return context.metric.current;
  }
  const points = pointsOf(metric.values);
  const changed = mapList(points, (point, i) => {
    context.point.reset(point as LooseDataPoint);
    context.cache = NO_CACHE;
    visit(first + i, 1);
    return context.point.current as AnyDataPoint;
  });
  if (changed === points) return context.metric.current;
  const { current } = context.metric;
  return { ...current, values: { ...current.values, dataPoints: changed } as MetricValues };
}
