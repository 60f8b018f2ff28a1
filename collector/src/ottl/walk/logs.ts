import type { LogsData, ResourceLogs, ScopeLogs } from '@signalbox/signals/model/log-record';
import { NO_CACHE, type EvaluationContext } from '../evaluation-context.js';
import type { OttlContext } from '../paths/contexts.js';
import { mapList } from './list.js';
import type { Visit } from './visit.js';

/** Answers new objects for what the visits changed, and the same ones for everything else. */
export function walkLogs(logs: LogsData, context: EvaluationContext, level: OttlContext, visit: Visit): LogsData {
  let next = 0;
  const resourceLogs = mapList(logs.resourceLogs, (group): ResourceLogs => {
    context.enterResource(group.resource, group.schemaUrl);
    let { scopeLogs } = group;
    if (level === 'resource') {
      const count = scopeLogs.reduce((sum, { logRecords }) => sum + logRecords.length, 0);
      visit(next, count);
      next += count;
    } else {
      scopeLogs = mapList(scopeLogs, (scoped): ScopeLogs => {
        context.enterScope(scoped.scope, scoped.schemaUrl);
        let { logRecords } = scoped;
        if (level === 'scope') visit(next, logRecords.length);
        else {
          logRecords = mapList(logRecords, (record, i) => {
            context.log.reset(record);
            context.cache = NO_CACHE;
            visit(next + i, 1);
            return context.log.current;
          });
        }
        next += scoped.logRecords.length;
        if (logRecords === scoped.logRecords && !context.scope.changed && !context.scopeSchema.changed) return scoped;
        return { scope: context.scope.changed ? context.scope.current : scoped.scope, schemaUrl: context.scopeSchema.current.schemaUrl, logRecords };
      });
    }
    const { resource, resourceSchema } = context;
    if (scopeLogs === group.scopeLogs && !resource.changed && !resourceSchema.changed) return group;
    return { resource: resource.changed ? resource.current : group.resource, schemaUrl: resourceSchema.current.schemaUrl, scopeLogs };
  });
  return resourceLogs === logs.resourceLogs ? logs : { resourceLogs };
}
