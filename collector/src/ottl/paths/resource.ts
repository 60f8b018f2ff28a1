import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { EvaluationContext } from '../evaluation-context.js';
import { intField, mapField, stringField, toMap, type Field, type Fields } from './field.js';

/** A map that lives as long as one item passes through a group of statements. */
export const cacheField: Field = {
  type: 'map',
  get: (context) => context.cache,
  set: (context, value) => void (context.cache = toMap(value)),
  entries: (context) => context.cache.entries,
  setEntries: (context, entries) => {
    if (entries !== context.cache.entries) context.cache = new KeyValueList(entries);
  },
};

const resource = (context: EvaluationContext): EvaluationContext['resource'] => context.resource;
const scope = (context: EvaluationContext): EvaluationContext['scope'] => context.scope;

export const resourceFields: Fields = {
  attributes: mapField(resource, 'attributes'),
  dropped_attributes_count: intField(resource, 'droppedAttributesCount'),
  schema_url: stringField((context) => context.resourceSchema, 'schemaUrl'),
  cache: cacheField,
};

export const scopeFields: Fields = {
  name: stringField(scope, 'name'),
  version: stringField(scope, 'version'),
  attributes: mapField(scope, 'attributes'),
  dropped_attributes_count: intField(scope, 'droppedAttributesCount'),
  schema_url: stringField((context) => context.scopeSchema, 'schemaUrl'),
  cache: cacheField,
};
