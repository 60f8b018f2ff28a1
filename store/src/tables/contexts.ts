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
  { name: 'resource_dropped', type: 'u32' },
  { name: 'resource_schema_url', type: 'text', nullable: true },
  { name: 'scope_name', type: 'text', nullable: true },
  { name: 'scope_version', type: 'text', nullable: true },
  { name: 'scope_attributes', type: 'text', nullable: true },
  { name: 'scope_dropped', type: 'u32' },
  { name: 'scope_schema_url', type: 'text', nullable: true },
  { name: 'stream', type: 'text', nullable: true },
] as const satisfies readonly Column[];

export const CONTEXT = { id: 0, tenant: 1, service: 2, resource: 3, resourceDropped: 4, resourceSchemaUrl: 5, scopeName: 6, scopeVersion: 7, scopeAttributes: 8, scopeDropped: 9, scopeSchemaUrl: 10, stream: 11 } as const;
