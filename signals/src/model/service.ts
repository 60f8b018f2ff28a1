import { attribute, attributeText } from './attribute-text.js';
import type { Resource } from './resource.js';

/** What a resource without `service.name` is called, as the semantic conventions have it. */
const UNKNOWN_SERVICE = 'unknown_service';

/** The resource's `service.name`. */
export function serviceName(resource: Resource | null): string {
  const name = resource === null ? undefined : attribute(resource.attributes, 'service.name');
  return name === undefined ? UNKNOWN_SERVICE : attributeText(name) || UNKNOWN_SERVICE;
}
