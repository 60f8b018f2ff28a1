import { attributesFromJson, attributesToJson } from '@signalbox/signals/model/attribute-text';
import { KeyValueList, type AnyValue, type KeyValue } from '@signalbox/signals/model/attributes';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Column } from '../duckdb/chunk.js';

/**
 * What spans or log records of one resource and scope have in common. In memory it is a side table; in the files its
 * columns stand in every row, where Parquet's dictionaries make them nearly free.
 */
export const CONTEXT_COLUMNS = [
  { name: 'context_id', type: 'u32' },
  { name: 'tenant', type: 'text' },
  { name: 'service', type: 'text' },
  { name: 'resource', type: 'text' },
  { name: 'scope_name', type: 'text', nullable: true },
  { name: 'scope_version', type: 'text', nullable: true },
  /** What is rarely there, as JSON; see ContextRest. */
  { name: 'context_rest', type: 'text', nullable: true },
  { name: 'stream', type: 'text', nullable: true },
] as const satisfies readonly Column[];

export const CONTEXT = { id: 0, tenant: 1, service: 2, resource: 3, scopeName: 4, scopeVersion: 5, rest: 6, stream: 7 } as const;

export interface ContextSource {
  readonly resource: Resource | null;
  readonly resourceSchemaUrl: string;
  readonly scope: Scope | null;
  readonly scopeSchemaUrl: string;
  /** Stream labels of logs, as JSON. */
  readonly stream: string | null;
}

/** The column `context_rest`; null when there is nothing in it. */
export function contextRest({ resource, resourceSchemaUrl, scope, scopeSchemaUrl }: ContextSource): string | null {
  return restToJson({
    resource_dropped_attributes: resource?.droppedAttributesCount ?? 0,
    resource_schema_url: resourceSchemaUrl,
    scope_attributes: new KeyValueList(scope?.attributes ?? []),
    scope_dropped_attributes: scope?.droppedAttributesCount ?? 0,
    scope_schema_url: scopeSchemaUrl,
  });
}

/** Resource and scope from their columns. */
export function contextFromColumns(resource: string, scopeName: string, scopeVersion: string, rest: string | null): { readonly resource: Resource; readonly scope: Scope } {
  const fields = rest === null ? NOTHING : restFromJson(rest);
  const scopeAttributes = fields.get('scope_attributes');
  return {
    resource: { attributes: attributesFromJson(resource), droppedAttributesCount: restCount(fields, 'resource_dropped_attributes') },
    scope: { name: scopeName, version: scopeVersion, attributes: scopeAttributes instanceof KeyValueList ? scopeAttributes.entries : [], droppedAttributesCount: restCount(fields, 'scope_dropped_attributes') },
  };
}

export type Rest = ReadonlyMap<string, AnyValue>;
export const NOTHING: Rest = new Map();

/** Fields that are rarely set, as a JSON object of those that are; null for none. */
export function restToJson(fields: Readonly<Record<string, string | number | KeyValueList>>): string | null {
  const set: KeyValue[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value === '' || value === 0 || (value instanceof KeyValueList && value.entries.length === 0)) continue;
    set.push({ key, value: typeof value === 'number' ? BigInt(value) : value });
  }
  return set.length === 0 ? null : attributesToJson(set);
}

export function restFromJson(text: string): Rest {
  return new Map(attributesFromJson(text).map(({ key, value }) => [key, value]));
}

export function restCount(rest: Rest, key: string): number {
  const value = rest.get(key);
  return typeof value === 'bigint' ? Number(value) : 0;
}

export function restText(rest: Rest, key: string): string {
  const value = rest.get(key);
  return typeof value === 'string' ? value : '';
}
