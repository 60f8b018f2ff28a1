import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { LogsData, ResourceLogs, ScopeLogs } from '@signalbox/signals/model/log-record';
import type { StoredLog } from '../readers.js';

/** Stored log records as OTLP has them: by resource, then by scope, in the order in which each first occurs. */
export function groupLogs(logs: readonly StoredLog[]): LogsData {
  const resources = new Map<string, { group: ResourceLogs & { scopeLogs: ScopeLogs[] }; scopes: Map<string, ScopeLogs & { logRecords: ScopeLogs['logRecords'][number][] }> }>();
  for (const { record, resource, scope } of logs) {
    const resourceKey = `${resource.droppedAttributesCount} ${attributesToJson(resource.attributes)}`;
    let entry = resources.get(resourceKey);
    if (entry === undefined) resources.set(resourceKey, (entry = { group: { resource, schemaUrl: '', scopeLogs: [] }, scopes: new Map() }));
    const scopeKey = JSON.stringify([scope.name, scope.version, scope.droppedAttributesCount, attributesToJson(scope.attributes)]);
    let inScope = entry.scopes.get(scopeKey);
    if (inScope === undefined) {
      inScope = { scope, schemaUrl: '', logRecords: [] };
      entry.scopes.set(scopeKey, inScope);
      entry.group.scopeLogs.push(inScope);
    }
    inScope.logRecords.push(record);
  }
  return { resourceLogs: [...resources.values()].map(({ group }) => group) };
}
