import type { ResourceSpans, ScopeSpans, Span, TracesData } from '@signalbox/signals/model/span';
import { NO_CACHE, type EvaluationContext } from '../evaluation-context.js';
import type { OttlContext } from '../paths/contexts.js';
import { mapList } from './list.js';
import type { Visit } from './visit.js';

/** Answers new objects for what the visits changed, and the same ones for everything else. */
export function walkTraces(traces: TracesData, context: EvaluationContext, level: OttlContext, visit: Visit): TracesData {
  let next = 0;
  const resourceSpans = mapList(traces.resourceSpans, (group): ResourceSpans => {
    context.enterResource(group.resource, group.schemaUrl);
    if (level === 'resource') {
      const count = group.scopeSpans.reduce((sum, { spans }) => sum + spans.length, 0);
      visit(next, count);
      next += count;
      return withResource(group, context);
    }
    const scopeSpans = mapList(group.scopeSpans, (scoped): ScopeSpans => {
      context.enterScope(scoped.scope, scoped.schemaUrl);
      let { spans } = scoped;
      if (level === 'scope') visit(next, spans.length);
      else spans = mapList(spans, (span, i) => visitSpan(span, context, level, visit, next + i));
      next += scoped.spans.length;
      if (spans === scoped.spans && !context.scope.changed && !context.scopeSchema.changed) return scoped;
      return { scope: context.scope.changed ? context.scope.current : scoped.scope, schemaUrl: context.scopeSchema.current.schemaUrl, spans };
    });
    const whole = withResource(group, context);
    return scopeSpans === group.scopeSpans ? whole : { ...whole, scopeSpans };
  });
  return resourceSpans === traces.resourceSpans ? traces : { resourceSpans };
}

function withResource(group: ResourceSpans, { resource, resourceSchema }: EvaluationContext): ResourceSpans {
  return resource.changed || resourceSchema.changed ? { ...group, resource: resource.changed ? resource.current : group.resource, schemaUrl: resourceSchema.current.schemaUrl } : group;
}

function visitSpan(span: Span, context: EvaluationContext, level: OttlContext, visit: Visit, index: number): Span {
  context.span.reset(span);
  context.cache = NO_CACHE;
  if (level !== 'spanevent') {
    visit(index, 1);
    return context.span.current;
  }
  const events = mapList(span.events, (event, i) => {
    context.event.reset(event);
    context.eventIndex = i;
    context.cache = NO_CACHE;
    return visit(index, 1) ? context.event.current : null;
  });
  return events === span.events ? context.span.current : { ...context.span.current, events };
}
