import type { Resource } from '@signalbox/signals/model/resource';
import { serviceName } from '@signalbox/signals/model/service';
import { attributesToJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import type { Database } from '../duckdb/database.js';
import { attributeTerms, serviceSeeds, type ServiceSeeds } from '../index/hash.js';
import { CONTEXT, CONTEXT_COLUMNS, contextRest, type ContextSource } from '../tables/contexts.js';
import { HotTable } from './hot-table.js';
import type { ServiceNames, TenantNames } from './names.js';

/** One resource and scope of a tenant, as known while a generation is filled. */
export interface Context {
  readonly id: number;
  readonly tenant: TenantNames;
  readonly service: ServiceNames;
  readonly seeds: ServiceSeeds;
  /** Terms of the resource's attributes. */
  readonly resourceTerms: Uint32Array;
  /** Block that `resourceTerms` were last added to. */
  lastBlock: number;
}

/** The side table of a generation's resources and scopes; each is written once. */
export class Contexts {
  private readonly byKey = new Map<string, Context>();

  private constructor(readonly table: HotTable, private readonly tenantOf: (tenant: string) => TenantNames) {}

  static async create(database: Database, name: string, tenantOf: (tenant: string) => TenantNames): Promise<Contexts> {
    return new Contexts(await HotTable.create(database, name, CONTEXT_COLUMNS), tenantOf);
  }

  /** `key` names tenant, resource and scope uniquely; the source is looked at when it is new. */
  get(key: string): Context | undefined {
    return this.byKey.get(key);
  }

  add(key: string, tenant: string, source: ContextSource): Context {
    const id = this.byKey.size;
    const resource = source.resource ?? { attributes: [], droppedAttributesCount: 0 };
    const service = serviceName(resource);
    this.write(id, tenant, service, resource, source);
    const names = this.tenantOf(tenant);
    const seeds = serviceSeeds(tenant, service);
    for (const attribute of resource.attributes) names.resourceTags.add(attribute.key, valueToJson(attribute.value));
    const resourceTerms = Uint32Array.from(resource.attributes.flatMap((attribute) => attributeTerms(seeds.resource, attribute)));
    const context: Context = { id, tenant: names, service: names.service(service), seeds, resourceTerms, lastBlock: -1 };
    this.byKey.set(key, context);
    return context;
  }

  private write(id: number, tenant: string, service: string, resource: Resource, source: ContextSource): void {
    const { chunk } = this.table;
    const row = chunk.rows;
    const text = (column: number, value: string): void => chunk.setText(column, row, Buffer.from(value));
    const textIfAny = (column: number, value: string | null | undefined): void => {
      if (value) text(column, value);
    };
    new Uint32Array(chunk.buffer(CONTEXT.id))[row] = id;
    text(CONTEXT.tenant, tenant);
    text(CONTEXT.service, service);
    text(CONTEXT.resource, attributesToJson(resource.attributes));
    textIfAny(CONTEXT.scopeName, source.scope?.name);
    textIfAny(CONTEXT.scopeVersion, source.scope?.version);
    textIfAny(CONTEXT.rest, contextRest(source));
    textIfAny(CONTEXT.stream, source.stream);
    this.table.endRow();
  }
}
