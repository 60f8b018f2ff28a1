import type { Resource, Scope } from '@signalbox/signals/model/resource';
import { attributesText, JsonObject } from '../json/json-text.js';

/** The text of things that many documents share is made once for all of them. */
export class SharedText {
  private readonly resources = new Map<Resource, string>();
  private readonly scopes = new Map<Scope, string>();

  resource(resource: Resource | null, schemaUrl: string): string {
    if (resource === null) return new JsonObject().string('schema_url', schemaUrl).toString();
    let text = this.resources.get(resource);
    if (text === undefined) {
      text = new JsonObject().raw('attributes', attributesText(resource.attributes)).number('dropped_attributes_count', resource.droppedAttributesCount).string('schema_url', schemaUrl).toString();
      this.resources.set(resource, text);
    }
    return text;
  }

  scope(scope: Scope | null, schemaUrl: string): string {
    if (scope === null) return new JsonObject().string('schema_url', schemaUrl).toString();
    let text = this.scopes.get(scope);
    if (text === undefined) {
      text = new JsonObject()
        .string('name', scope.name)
        .string('version', scope.version)
        .raw('attributes', attributesText(scope.attributes))
        .number('dropped_attributes_count', scope.droppedAttributesCount)
        .string('schema_url', schemaUrl)
        .toString();
      this.scopes.set(scope, text);
    }
    return text;
  }
}
