import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Metric } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';

const SEPARATOR = '\u0000';

/** Attributes in one order, whatever order they came in. */
function identity(attributes: Attributes): string {
  if (attributes.length < 2) return attributesToJson(attributes);
  return attributesToJson(attributes.slice().sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
}

/** What streams of a group have in common. */
export function groupKey(tenant: string, resource: Resource | null, scope: Scope | null): string {
  return [tenant, identity(resource?.attributes ?? []), scope?.name ?? '', scope?.version ?? '', identity(scope?.attributes ?? [])].join(SEPARATOR);
}

/** A stream: resource, scope, the metric's name, unit and type, and the point's attributes (OpenTelemetry metrics data model). */
export function streamKey(group: string, { name, unit, values }: Metric, attributes: Attributes): string {
  const type = values.type === 'sum' ? `${values.type}${values.monotonic ? 1 : 0}` : values.type;
  return [group, name, unit, type, identity(attributes)].join(SEPARATOR);
}
