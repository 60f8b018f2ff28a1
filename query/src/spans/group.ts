import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { ResourceSpans, ScopeSpans, TracesData } from '@signalbox/signals/model/span';
import type { StoredSpan } from '../readers.js';

/** Stored spans as OTLP has them: by resource, then by scope, in the order in which each first occurs. */
export function groupSpans(spans: readonly StoredSpan[]): TracesData {
  const resources = new Map<string, { group: ResourceSpans & { scopeSpans: ScopeSpans[] }; scopes: Map<string, ScopeSpans & { spans: ScopeSpans['spans'][number][] }> }>();
  for (const { span, resource, scope } of spans) {
    const resourceKey = `${resource.droppedAttributesCount} ${attributesToJson(resource.attributes)}`;
    let entry = resources.get(resourceKey);
    if (entry === undefined) resources.set(resourceKey, (entry = { group: { resource, schemaUrl: '', scopeSpans: [] }, scopes: new Map() }));
    const scopeKey = JSON.stringify([scope.name, scope.version, scope.droppedAttributesCount, attributesToJson(scope.attributes)]);
    let inScope = entry.scopes.get(scopeKey);
    if (inScope === undefined) {
      inScope = { scope, schemaUrl: '', spans: [] };
      entry.scopes.set(scopeKey, inScope);
      entry.group.scopeSpans.push(inScope);
    }
    inScope.spans.push(span);
  }
  return { resourceSpans: [...resources.values()].map(({ group }) => group) };
}
