import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Resource } from '@signalbox/signals/model/resource';

/** The same resource where nothing changes; none is like one without attributes. */
export function editResource(resource: Resource | null, edit: (attributes: Attributes) => Attributes): Resource | null {
  const before = resource?.attributes ?? [];
  const attributes = edit(before);
  return attributes === before ? resource : { droppedAttributesCount: resource?.droppedAttributesCount ?? 0, attributes };
}
