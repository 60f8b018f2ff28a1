import type { Resource, Scope } from '../../model/resource.js';
import { attributesFromJson, attributesToJson } from './attributes.js';
import type { JsonObject, JsonReader } from './reader.js';
import { withoutDefaults } from './writer.js';

export function resourceFromJson(json: JsonReader, object: JsonObject): Resource {
  return {
    attributes: attributesFromJson(json, object, 'attributes'),
    droppedAttributesCount: json.uint32(object, 'droppedAttributesCount'),
  };
}

export function resourceToJson(resource: Resource | null): object | null {
  return resource && withoutDefaults({
    attributes: attributesToJson(resource.attributes),
    droppedAttributesCount: resource.droppedAttributesCount,
  });
}

export function scopeFromJson(json: JsonReader, object: JsonObject): Scope {
  return {
    name: json.string(object, 'name'),
    version: json.string(object, 'version'),
    attributes: attributesFromJson(json, object, 'attributes'),
    droppedAttributesCount: json.uint32(object, 'droppedAttributesCount'),
  };
}

export function scopeToJson(scope: Scope | null): object | null {
  return scope && withoutDefaults({
    name: scope.name,
    version: scope.version,
    attributes: attributesToJson(scope.attributes),
    droppedAttributesCount: scope.droppedAttributesCount,
  });
}
